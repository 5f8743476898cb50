import type { Append, EventId, ExpectedSequence } from "@activity-events/event-store";
import { v7 as uuidv7 } from "uuid";
import { readPlainEvent } from "./read-plain-event.ts";

const any: ExpectedSequence = { kind: "any" };

/** Reads the append of a request with one plain event; undefined if the event needs decoding. */
export function readPlainAppend(bytes: Buffer, start: number, end: number, receiveTimeUs: number): Append | undefined {
  const plain = readPlainEvent(bytes, start, end);
  if (plain === undefined) return undefined;
  const { deploymentId, eventId, facts, content, stamp, salt } = plain;
  return {
    deploymentId,
    events: [{ eventId: eventId ?? (uuidv7() as EventId), facts, content, stamp, salt }],
    expected: any,
    receiveTimeUs,
  };
}
