import { type Event, EventSchema } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { fromBinary } from "@bufbuild/protobuf";
import { contentOf } from "./event-content.ts";
import { commitmentOf } from "./history-hash.ts";
import { microsecondsOf } from "./microseconds-of.ts";

/** An event as received, with values derived from its bytes. */
export interface ReceivedEvent {
  readonly event: Event;
  /** Undefined if missing or not in whole microseconds. */
  readonly receiveTimeUs: bigint | undefined;
  /** Computed from the salt if there is one, otherwise as sent; undefined if both are missing or the length is wrong. */
  readonly commitment: Uint8Array | undefined;
}

/** Length of a salt. If it could vary, bytes could move between salt and content, and one commitment would fit two contents. */
export const saltBytes = 16;
/** Length of a commitment, that of SHA-256. */
export const commitmentBytes = 32;

/** Decodes an event. Throws if the bytes are not an event. */
export function receivedEvent(encoded: Uint8Array): ReceivedEvent {
  const event = fromBinary(EventSchema, encoded);
  const { salt, commitment, receiveTime } = event;
  const sent = commitment.length === commitmentBytes ? commitment : undefined;
  const isWhole = receiveTime !== undefined && receiveTime.nanos % 1_000 === 0;
  return {
    event,
    receiveTimeUs: isWhole ? microsecondsOf(receiveTime) : undefined,
    commitment: salt.length === 0 ? sent : computedCommitment(event, encoded),
  };
}

function computedCommitment(event: Event, encoded: Uint8Array): Uint8Array | undefined {
  return event.salt.length === saltBytes ? commitmentOf(event, contentOf(encoded)) : undefined;
}

/** Tells whether an event was redacted: it has its commitment in place of the salt. */
export function isEmptied({ salt, commitment }: Pick<Event, "salt" | "commitment">): boolean {
  return salt.length === 0 && commitment.length === commitmentBytes;
}

/** Tells whether a version without salts stored the event, if the answering service supports them. */
export function isOfOlderVersion({ event: { salt } }: ReceivedEvent): boolean {
  return salt.length === saltBytes && salt.every((byte) => byte === 0);
}
