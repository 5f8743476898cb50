import {
  ActivityEventsService,
  CreateEventRequestSchema,
  CreateEventResponseSchema,
  StreamEventsRequestSchema,
  StreamEventsResponseSchema,
} from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { methodPath } from "@activity-events/proto/service-definition";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { deploymentId, EventTemplate, eventOf } from "../event-template.ts";
import type { Load, LoadOptions, RoundOfLoad } from "./load.ts";
import { openRawChannel, rawServerStream, rawUnary } from "./raw-channel.ts";
import { storedFaults } from "./stored-faults.ts";

const { createEvent, streamEvents } = ActivityEventsService.method;

/**
 * CreateEvent, one call at a time, and a follower on its own connection. Measures the time from each answer to the
 * arrival of its event; 0 if it arrived before the answer.
 */
export async function openFollowArrivals({ address }: LoadOptions): Promise<Load> {
  const template = EventTemplate.of(CreateEventRequestSchema, { event: eventOf(0, 0) });
  const channel = openRawChannel(address);
  const following = openRawChannel(address);
  const answered: number[] = [];
  const arrived: number[] = [];
  const caughtUp = Promise.withResolvers<void>();
  let arrivedAll = () => {};
  const ended = rawServerStream(following, methodPath(streamEvents), followRequest(), (bytes) => {
    const now = performance.now();
    const { frame } = fromBinary(StreamEventsResponseSchema, bytes);
    if (frame.case === "caughtUp") caughtUp.resolve();
    for (const { sequence } of frame.case === "events" ? frame.value.events : []) {
      if (Number(sequence) !== arrived.length + 1) throw new Error(`${sequence} arrived after ${arrived.length}`);
      arrived.push(now);
    }
    arrivedAll();
  });
  ended.catch(caughtUp.reject);
  await caughtUp.promise;

  return {
    async round(ms): Promise<RoundOfLoad> {
      const from = answered.length;
      const begun = performance.now();
      while (performance.now() - begun < ms) {
        const answer = await rawUnary(channel, methodPath(createEvent), template.make(0, answered.length + 1));
        answered.push(performance.now());
        const { event } = fromBinary(CreateEventResponseSchema, answer);
        if (Number(event?.sequence) !== answered.length) throw new Error(`${event?.name} is not the next event`);
      }
      const elapsedMs = performance.now() - begun;
      while (arrived.length < answered.length) {
        await Promise.race([ended, new Promise<void>((resolve) => (arrivedAll = resolve))]);
      }
      const latenciesMs = answered.slice(from).map((at, place) => Math.max(0, (arrived[from + place] ?? 0) - at));
      return { operations: latenciesMs.length, elapsedMs, latenciesMs };
    },
    settle: () => {},
    async verify() {
      const acknowledged = new Map([[deploymentId(0), answered.length]]);
      return await storedFaults({ address, acknowledged, readBackMax: 1 });
    },
    async close() {
      channel.close();
      following.close();
    },
  };
}

function followRequest(): Buffer {
  const request = create(StreamEventsRequestSchema, { deploymentId: deploymentId(0), follow: true });
  return Buffer.from(toBinary(StreamEventsRequestSchema, request));
}
