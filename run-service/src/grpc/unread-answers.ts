import { limits } from "@activity-events/event-store";
import { Refusal } from "../application/refusal.ts";

/**
 * Counts the bytes of the unary answers that the wire has not taken, since HTTP/2 keeps them for whoever does not read: of
 * one connection and of all.
 */
export class UnreadAnswers {
  readonly #byPeer = new Map<string, number>();
  #total = 0;

  /** Counts an answer; to be given back with `release`. Throws a Refusal when it is too much. */
  hold(peer: string, bytes: number): void {
    const ofPeer = this.#byPeer.get(peer) ?? 0;
    // Small answers are refused to those alone who leave theirs unread: an append is no less stored for it.
    const isTooMuchForAll =
      bytes > limits.smallAnswerBytesMax && this.#total + bytes > limits.unreadAnswerBytesTotalMax;
    if (isTooMuchForAll || (ofPeer > 0 && ofPeer + bytes > limits.unreadAnswerBytesMax)) {
      throw new Refusal("TOO_MANY_UNREAD", "there are more answers than the server keeps that have not been read", {
        metadata: { unread_bytes_max: `${limits.unreadAnswerBytesMax}` },
        retryDelayMs: 1_000,
      });
    }
    this.#byPeer.set(peer, ofPeer + bytes);
    this.#total += bytes;
  }

  release(peer: string, bytes: number): void {
    this.#total -= bytes;
    const left = (this.#byPeer.get(peer) ?? 0) - bytes;
    if (left > 0) this.#byPeer.set(peer, left);
    else this.#byPeer.delete(peer);
  }
}
