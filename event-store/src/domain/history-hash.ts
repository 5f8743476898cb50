import { hash, randomFillSync } from "node:crypto";
import type { SendTime } from "./event-time.ts";
import type { DeploymentId, EventId } from "./identifiers.ts";

/** Last link of a deployment's hash chain (docs/history-hash.md). */
export interface HistoryHash {
  /** 32 bytes. */
  readonly hash: Uint8Array;
  /** Sequence of the last event; below the head's if a program without history hashes wrote later. */
  readonly sequence: number;
  /** Sequence of the first event. */
  readonly from: number;
}

/** Inputs of an event's commitment. */
export interface Committed {
  readonly salt: Uint8Array;
  readonly eventId: EventId;
  readonly content: Uint8Array;
  readonly sendTime: SendTime | undefined;
  /** Empty if nobody was authenticated. */
  readonly principal: string;
}

const saltBytes = 16;
/** Salt of an event stored by a program without salts. */
export const noSalt: Uint8Array = new Uint8Array(saltBytes);

// Salts are views of a shared buffer: one buffer each takes more time and memory than the salt.
const poolBytes = 256 * saltBytes;
let pool = new Uint8Array();
let poolAt = 0;

/** Returns random bytes for one event, which keep its commitment from being guessed. */
export function newSalt(): Uint8Array {
  if (poolAt === pool.length) {
    pool = randomFillSync(new Uint8Array(poolBytes));
    poolAt = 0;
  }
  poolAt += saltBytes;
  return pool.subarray(poolAt - saltBytes, poolAt);
}

// Reused for each event; grows to the largest.
let scratch = Buffer.alloc(4_096);
let view = new DataView(scratch.buffer);

/** Computes an event's commitment: SHA-256, 32 bytes, of everything that is fixed at the arrival of its call. */
export function commitmentOf({ salt, eventId, content, sendTime, principal }: Committed): Uint8Array {
  const room = salt.length + (eventId.length + principal.length) * 3 + content.length + 64;
  if (scratch.length < room) {
    scratch = Buffer.alloc(2 * room);
    view = new DataView(scratch.buffer);
  }
  scratch.set(salt);
  let at = salt.length;
  const idBytes = scratch.write(eventId, at + 8);
  at = writeInteger(view, idBytes, at) + idBytes;
  at = writeInteger(view, content.length, at);
  scratch.set(content, at);
  at = writeInteger(view, sendTime === undefined ? 0 : 16, at + content.length);
  if (sendTime !== undefined) at = writeInteger(view, sendTime.nanos, writeInteger(view, sendTime.seconds, at));
  const principalBytes = principal === "" ? 0 : scratch.write(principal, at + 8);
  at = writeInteger(view, principalBytes, at) + principalBytes;
  return sha256(scratch.subarray(0, at));
}

const link = Buffer.alloc(32 + 8 + 8 + 32);
const linkView = new DataView(link.buffer);

/** Computes the history hash after one more event; `before` is undefined if this event is the first of the chain. */
export function withCommitment(
  before: HistoryHash | undefined,
  event: { readonly deploymentId: DeploymentId; readonly sequence: number; readonly receiveTimeUs: number },
  commitment: Uint8Array,
): HistoryHash {
  const { deploymentId, sequence, receiveTimeUs } = event;
  link.set(before?.hash ?? emptyHistory(deploymentId));
  writeInteger(linkView, sequence, 32);
  writeInteger(linkView, receiveTimeUs, 40);
  link.set(commitment, 48);
  return { hash: sha256(link), sequence, from: before?.from ?? sequence };
}

function emptyHistory(deploymentId: DeploymentId): Uint8Array {
  const parts = ["activityevents.history.v1", deploymentId].map((text) => {
    const bytes = Buffer.alloc(8 + Buffer.byteLength(text));
    bytes.write(text, writeInteger(new DataView(bytes.buffer), Buffer.byteLength(text), 0));
    return bytes;
  });
  return sha256(Buffer.concat(parts));
}

// As a string with one character per byte, which takes half the time of a buffer.
function sha256(bytes: Uint8Array): Uint8Array {
  const text = hash("sha256", bytes, "binary");
  const digest = new Uint8Array(32);
  for (let at = 0; at < digest.length; at += 1) digest[at] = text.charCodeAt(at);
  return digest;
}

const twoTo32 = 2 ** 32;

// Writes 8 bytes, big-endian, two's complement; returns the end.
function writeInteger(bytes: DataView, value: number, at: number): number {
  const high = Math.floor(value / twoTo32);
  bytes.setInt32(at, high);
  bytes.setUint32(at + 4, value - high * twoTo32);
  return at + 8;
}
