import { createHash } from "node:crypto";
import type { Event } from "@activity-events/proto/activityevents/v1/event_pb.js";

/** A link of the chain that a deployment's events form (docs/history-hash.md). */
export interface HistoryHash {
  /** 32 bytes. */
  readonly hash: Uint8Array;
  /** The sequence of the last event in it. */
  readonly sequence: bigint;
  /** The sequence of the first event in it. */
  readonly from: bigint;
}

/** Values of an event that enter the chain. */
export interface ChainedEvent {
  readonly sequence: bigint;
  readonly receiveTimeUs: bigint;
  /** 32 bytes. */
  readonly commitment: Uint8Array;
}

/** SHA-256 of what is fixed of an event when its call arrives, in 32 bytes. */
export function commitmentOf(
  { salt, eventId, sendTime, principal }: Pick<Event, "salt" | "eventId" | "sendTime" | "principal">,
  content: Uint8Array,
): Uint8Array {
  const time = sendTime === undefined ? [] : [integer(sendTime.seconds), integer(BigInt(sendTime.nanos))];
  const parts = [Buffer.from(eventId), content, Buffer.concat(time), Buffer.from(principal)];
  return sha256([salt, ...parts.flatMap(behindItsLength)]);
}

/** The hash before the first event. */
export function emptyHistory(deploymentId: string): Uint8Array {
  return sha256(["activityevents.history.v1", deploymentId].flatMap((text) => behindItsLength(Buffer.from(text))));
}

/** The hash with one more event. */
export function withEvent(before: Uint8Array, { sequence, receiveTimeUs, commitment }: ChainedEvent): Uint8Array {
  return sha256([before, integer(sequence), integer(receiveTimeUs), commitment]);
}

function sha256(parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
}

function behindItsLength(bytes: Uint8Array): readonly Uint8Array[] {
  return [integer(BigInt(bytes.length)), bytes];
}

/** 8 bytes, the highest first, in two's complement. */
function integer(value: bigint): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(value);
  return bytes;
}
