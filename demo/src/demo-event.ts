import type { EventInit } from "@activity-events/client";
import type { Rollout } from "./rollout.ts";

/** Fields of an event. */
export type EventFields = Exclude<EventInit, { readonly $typeName: string }>;

/** An event with what the demo always sets. Its time is in ms since 1970. */
export type DemoEvent = EventFields & {
  readonly deploymentId: string;
  readonly eventId: string;
  readonly timeMs: number;
};

/** The event without the demo's own form of its time, as the client takes it. */
export function eventInit({ timeMs, ...event }: DemoEvent): EventInit {
  return { ...event, sendTime: timestamp(timeMs) };
}

/** Makes an event of a roll-out; the first one says what is rolled out. */
export function rolloutEvent(
  { deploymentId, environment, service }: Rollout,
  timeMs: number,
  fields: EventFields & { readonly eventId: string },
): DemoEvent {
  return { deploymentId, environment, service: service.name, timeMs, ...fields };
}

/** Makes a timestamp of ms since 1970. */
export function timestamp(ms: number): { readonly seconds: bigint; readonly nanos: number } {
  const whole = Math.floor(ms);
  return { seconds: BigInt(Math.floor(whole / 1_000)), nanos: (whole % 1_000) * 1_000_000 };
}
