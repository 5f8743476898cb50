import type { SendTime } from "./event-time.ts";
import type { DeploymentId, EventId } from "./identifiers.ts";

/** How a deployment ended; `unspecified` on every event that does not finish one. */
export type Outcome = (typeof outcomes)[number];
export const outcomes = ["unspecified", "success", "failure", "canceled", "error"] as const;

/** What the store itself has to know of an event's content. */
export interface EventFacts {
  readonly type: string;
  /** A number of Cloud Logging's LogSeverity. */
  readonly severity: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly outcome: Outcome;
  readonly environment: string;
  readonly service: string;
  readonly revision: string;
  readonly actor: string;
  readonly commit: string;
  /** When the commit was made, in microseconds since 1970. */
  readonly commitTimeUs: number | undefined;
  readonly url: string;
  readonly sendTime: SendTime | undefined;
}

/** An event that is to be appended. */
export interface NewEvent {
  readonly eventId: EventId;
  readonly facts: EventFacts;
  /** All that the producer set and the defaults filled in, encoded. The same content always gives the same bytes, but
   * for fields that the encoder does not know, whose order is the producer's. */
  readonly content: Uint8Array;
  /** What a retry may set anew (the send time), encoded; kept, but no part of the content. */
  readonly stamp: Uint8Array;
  /** 16 random bytes of its own, made once, when its call arrives. */
  readonly salt: Uint8Array;
}

/** An event as it is stored. */
export interface StoredEvent {
  readonly eventId: EventId;
  /** Its place in the deployment: 1, 2, 3 and so on. */
  readonly sequence: number;
  /** Microseconds since 1970 of the server's clock. */
  readonly receiveTimeUs: number;
  readonly type: string;
  readonly severity: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly content: Uint8Array;
  readonly stamp: Uint8Array;
  /** 16 bytes, all 0 where a program stored the event which knew no salt. */
  readonly salt: Uint8Array;
}

/** The event that is stored when `event` gets this place at this time. */
export function storedEvent(event: NewEvent, sequence: number, receiveTimeUs: number): StoredEvent {
  const { eventId, content, stamp, salt } = event;
  const { type, severity, labels } = event.facts;
  return { eventId, sequence, receiveTimeUs, type, severity, labels, content, stamp, salt };
}

/** Labels that were kept as JSON; undefined: no labels were ever kept so. */
export function labelsFromJson(text: string): EventFacts["labels"] | undefined {
  try {
    const labels: unknown = JSON.parse(text);
    const isObject = typeof labels === "object" && labels !== null && !Array.isArray(labels);
    if (!isObject || Object.values(labels).some((value) => typeof value !== "string")) return undefined;
    return labels as EventFacts["labels"];
  } catch {
    return undefined;
  }
}

/** An upper bound of the bytes that a stored event takes on the wire, its name, ids, sequence, time and salt included. */
export function wireBytesMax(
  deploymentId: DeploymentId,
  event: Pick<StoredEvent, "eventId" | "content" | "stamp">,
): number {
  return event.content.length + event.stamp.length + 2 * (deploymentId.length + event.eventId.length) + 100;
}

/**
 * Names the fields of the contract in which two encoded contents differ, with today's defaults applied to both; none:
 * they are the same content. Given to a store by whoever opens it, since the store does not know the encoding.
 */
export type DifferingFields = (stored: Uint8Array, offered: Uint8Array) => readonly string[];
