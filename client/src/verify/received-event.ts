import { type Event, EventSchema } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { fromBinary } from "@bufbuild/protobuf";
import { contentOf } from "./event-content.ts";
import { commitmentOf } from "./history-hash.ts";
import { microsecondsOf } from "./microseconds-of.ts";

/** An event as a service sent it, and what follows from its bytes alone. */
export interface ReceivedEvent {
  readonly event: Event;
  /** Undefined: it has none, or none of whole microseconds. */
  readonly receiveTimeUs: bigint | undefined;
  /** Computed where the salt is there, else the one that was sent; undefined: neither is there, or it has another length. */
  readonly commitment: Uint8Array | undefined;
}

/** A longer salt could take in what stands behind it, so that one commitment would be of two contents. */
export const saltBytes = 16;
const commitmentBytes = 32;

/** Decodes an event. Throws at bytes that are none. */
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

/** Tells whether a program without salts stored the event, by the answer of a service that knows them. */
export function isOfOlderVersion({ event: { salt } }: ReceivedEvent): boolean {
  return salt.length === saltBytes && salt.every((byte) => byte === 0);
}
