import type { SendTime } from "./event-time.ts";
import type { DeploymentId, EventId } from "./identifiers.ts";
import type { Redaction } from "./redaction.ts";

/** Outcome of a deployment; `unspecified` unless the event finishes one. */
export type Outcome = (typeof outcomes)[number];
export const outcomes = ["unspecified", "success", "failure", "canceled", "error"] as const;

/** Parts of an event's content that the store needs. */
export interface EventFacts {
  readonly type: string;
  /** Number of Cloud Logging's LogSeverity. */
  readonly severity: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly outcome: Outcome;
  readonly environment: string;
  readonly service: string;
  readonly revision: string;
  readonly actor: string;
  readonly commit: string;
  /** Time of the commit, in microseconds since 1970. */
  readonly commitTimeUs: number | undefined;
  readonly url: string;
  readonly sendTime: SendTime | undefined;
  /** Who recorded the event; empty if nobody was authenticated. */
  readonly principal: string;
}

/** An event to append. */
export interface NewEvent {
  readonly eventId: EventId;
  readonly facts: EventFacts;
  /**
   * The producer's fields and defaults, encoded. Equal contents have equal bytes, except for fields unknown to the
   * encoder, which keep the producer's order.
   */
  readonly content: Uint8Array;
  /** Encoded fields that are kept but are not content: the send time, which a retry may change, and the principal. */
  readonly stamp: Uint8Array;
  /** 16 random bytes, made once at the arrival of the call. */
  readonly salt: Uint8Array;
}

/** A stored event. */
export interface StoredEvent {
  readonly eventId: EventId;
  /** Position in the deployment: 1, 2, 3 and so on. */
  readonly sequence: number;
  /** Time on the server's clock, in microseconds since 1970. */
  readonly receiveTimeUs: number;
  readonly type: string;
  readonly severity: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly content: Uint8Array;
  readonly stamp: Uint8Array;
  /** 16 bytes; all 0 if a program without salts stored the event; none if the event was redacted. */
  readonly salt: Uint8Array;
  /** What a redaction keeps of the content that was here; undefined if there was none. */
  readonly redaction?: Redaction | undefined;
}

/** Makes the stored event from `event`, its sequence and its receive time. */
export function storedEvent(event: NewEvent, sequence: number, receiveTimeUs: number): StoredEvent {
  const { eventId, content, stamp, salt } = event;
  const { type, severity, labels } = event.facts;
  return { eventId, sequence, receiveTimeUs, type, severity, labels, content, stamp, salt };
}

/** Parses labels stored as JSON; undefined if the text was never stored as labels. */
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

/** Returns an upper bound of a stored event's bytes on the wire, including name, ids, sequence, time and salt. */
export function wireBytesMax(
  deploymentId: DeploymentId,
  event: Pick<StoredEvent, "eventId" | "content" | "stamp">,
): number {
  return event.content.length + event.stamp.length + 2 * (deploymentId.length + event.eventId.length) + 100;
}

/**
 * Names the contract's fields in which two encoded contents differ, with today's defaults applied to both; empty if
 * they are equal. The opener of a store provides it, because the store does not know the encoding.
 */
export type DifferingFields = (stored: Uint8Array, offered: Uint8Array) => readonly string[];
