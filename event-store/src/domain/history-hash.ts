import { hash, randomFillSync } from "node:crypto";
import type { SendTime } from "./event-time.ts";
import type { DeploymentId, EventId } from "./identifiers.ts";

/** The last link of the chain that a deployment's events form (docs/history-hash.md). */
export interface HistoryHash {
  /** 32 bytes. */
  readonly hash: Uint8Array;
  /** Of the last event in it; below the head's where a program that knows no history hash wrote since. */
  readonly sequence: number;
  /** The sequence of the first event in it. */
  readonly from: number;
}

/** What the commitment to an event is made of. */
export interface Committed {
  readonly salt: Uint8Array;
  readonly eventId: EventId;
  readonly content: Uint8Array;
  readonly sendTime: SendTime | undefined;
}

const saltBytes = 16;
/** Of an event that a program stored which knew no salt. */
export const noSalt: Uint8Array = new Uint8Array(saltBytes);

const pool = new Uint8Array(256 * saltBytes);
let poolAt = pool.length;

/** Random bytes of one event alone, which keep its commitment from being guessed. */
export function newSalt(): Uint8Array {
  if (poolAt === pool.length) {
    randomFillSync(pool);
    poolAt = 0;
  }
  poolAt += saltBytes;
  return pool.slice(poolAt - saltBytes, poolAt);
}

let scratch = Buffer.alloc(4_096);

/** SHA-256 of what is fixed of an event when its call arrives, in 32 bytes. */
export function commitmentOf({ salt, eventId, content, sendTime }: Committed): Uint8Array {
  const room = salt.length + eventId.length * 3 + content.length + 64;
  if (scratch.length < room) scratch = Buffer.alloc(2 * room);
  const bytes = scratch;
  bytes.set(salt);
  let at = salt.length;
  const idBytes = bytes.write(eventId, at + 8, "utf8");
  at = writeInteger(bytes, idBytes, at) + idBytes;
  at = writeInteger(bytes, content.length, at);
  bytes.set(content, at);
  at = writeInteger(bytes, sendTime === undefined ? 0 : 16, at + content.length);
  if (sendTime !== undefined) at = writeInteger(bytes, sendTime.nanos, writeInteger(bytes, sendTime.seconds, at));
  // The principal, which is empty.
  at = writeInteger(bytes, 0, at);
  return sha256(bytes.subarray(0, at));
}

const link = Buffer.alloc(32 + 8 + 8 + 32);

/** The history hash with one more event; `before` is undefined where this event is the first in it. */
export function withCommitment(
  before: HistoryHash | undefined,
  event: { readonly deploymentId: DeploymentId; readonly sequence: number; readonly receiveTimeUs: number },
  commitment: Uint8Array,
): HistoryHash {
  const { deploymentId, sequence, receiveTimeUs } = event;
  link.set(before?.hash ?? emptyHistory(deploymentId));
  writeInteger(link, sequence, 32);
  writeInteger(link, receiveTimeUs, 40);
  link.set(commitment, 48);
  return { hash: sha256(link), sequence, from: before?.from ?? sequence };
}

function emptyHistory(deploymentId: DeploymentId): Uint8Array {
  const parts = ["activityevents.history.v1", deploymentId].map((text) => {
    const bytes = Buffer.alloc(8 + Buffer.byteLength(text));
    bytes.write(text, writeInteger(bytes, Buffer.byteLength(text), 0), "utf8");
    return bytes;
  });
  return sha256(Buffer.concat(parts));
}

// As a text of a character a byte, which takes half the time of a buffer.
function sha256(bytes: Uint8Array): Uint8Array {
  const text = hash("sha256", bytes, "binary");
  const digest = new Uint8Array(32);
  for (let at = 0; at < digest.length; at += 1) digest[at] = text.charCodeAt(at);
  return digest;
}

const twoTo32 = 2 ** 32;

// 8 bytes, the highest first, in two's complement. Answers where they end.
function writeInteger(bytes: Buffer, value: number, at: number): number {
  const high = Math.floor(value / twoTo32);
  bytes.writeInt32BE(high, at);
  return bytes.writeUInt32BE(value - high * twoTo32, at + 4);
}
