import { createHash } from "node:crypto";
import type { Event } from "@activity-events/proto/activityevents/v1/event_pb.js";

/** A link of a deployment's hash chain (docs/history-hash.md). */
export interface HistoryHash {
  /** 32 bytes. */
  readonly hash: Uint8Array;
  /** Sequence of the last event. */
  readonly sequence: bigint;
  /** Sequence of the first event. */
  readonly from: bigint;
}

/** Values of an event that enter the chain. */
export interface ChainedEvent {
  readonly sequence: bigint;
  readonly receiveTimeUs: bigint;
  /** 32 bytes. */
  readonly commitment: Uint8Array;
}

/** Computes an event's commitment: SHA-256, 32 bytes, of everything that is fixed when its call arrives. */
export function commitmentOf(
  { salt, eventId, sendTime, principal }: Pick<Event, "salt" | "eventId" | "sendTime" | "principal">,
  content: Uint8Array,
): Uint8Array {
  const time = sendTime === undefined ? [] : [integer(sendTime.seconds), integer(BigInt(sendTime.nanos))];
  const parts = [Buffer.from(eventId), content, Buffer.concat(time), Buffer.from(principal)];
  return sha256([salt, ...parts.flatMap(behindItsLength)]);
}

/** Computes the hash before the first event. */
export function emptyHistory(deploymentId: string): Uint8Array {
  return sha256(["activityevents.history.v1", deploymentId].flatMap((text) => behindItsLength(Buffer.from(text))));
}

/** Computes the hash after one more event. */
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

/** Encodes an integer in 8 bytes, big-endian, two's complement. */
function integer(value: bigint): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(value);
  return bytes;
}
