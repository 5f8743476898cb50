import { limits } from "@activity-events/event-store";
import { Refusal } from "../application/refusal.ts";

/** What a connection has not taken, and when it last took an answer (milliseconds of the monotonic clock). */
interface Unread {
  bytes: number;
  takenMs: number;
}

/**
 * Counts the bytes of the unary answers that the wire has not taken, since HTTP/2 keeps them for whoever does not read: of
 * one connection and of all. When there are too many, connections that have taken nothing for a minute are ended.
 */
export class UnreadAnswers {
  readonly #connections: { end(peer: string): void };
  readonly #byPeer = new Map<string, Unread>();
  #total = 0;

  constructor(connections: { end(peer: string): void }) {
    this.#connections = connections;
  }

  /** Counts an answer; to be given back with `release`. Throws a Refusal when it is too much. */
  hold(peer: string, bytes: number): void {
    const unread = this.#byPeer.get(peer);
    // Small answers are refused to those alone who leave theirs unread: an append is no less stored for it.
    const isTooMuchForAll =
      bytes > limits.smallAnswerBytesMax && this.#total + bytes > limits.unreadAnswerBytesTotalMax;
    if (isTooMuchForAll || (unread !== undefined && unread.bytes + bytes > limits.unreadAnswerBytesMax)) {
      this.#endStuck();
      throw new Refusal("TOO_MANY_UNREAD", "there are more answers than the server keeps that have not been read", {
        metadata: { unread_bytes_max: `${limits.unreadAnswerBytesMax}` },
        retryDelayMs: 1_000,
      });
    }
    if (unread === undefined) this.#byPeer.set(peer, { bytes, takenMs: performance.now() });
    else unread.bytes += bytes;
    this.#total += bytes;
  }

  release(peer: string, bytes: number): void {
    this.#total -= bytes;
    const unread = this.#byPeer.get(peer);
    if (unread === undefined) return;
    unread.bytes -= bytes;
    unread.takenMs = performance.now();
    if (unread.bytes <= 0) this.#byPeer.delete(peer);
  }

  /** Their answers are given back as their calls end. */
  #endStuck(): void {
    const stuckMs = performance.now() - limits.unreadAnswerTimeMs;
    for (const [peer, { takenMs }] of this.#byPeer) if (takenMs < stuckMs) this.#connections.end(peer);
  }
}
