import { type ChainedEvent, emptyHistory, type HistoryHash, withEvent } from "./history-hash.ts";

/** Recomputes a history hash from events in sequence order and compares it. */
export class HistoryCheck {
  readonly claimed: HistoryHash;
  #hash: Uint8Array;
  #sequence: bigint;

  constructor(deploymentId: string, claimed: HistoryHash) {
    this.claimed = claimed;
    this.#hash = emptyHistory(deploymentId);
    this.#sequence = claimed.from - 1n;
  }

  /** Takes an event if it is the next one of the chain. */
  take(event: ChainedEvent): void {
    const { sequence } = event;
    if (sequence !== this.#sequence + 1n || sequence > this.claimed.sequence) return;
    this.#hash = withEvent(this.#hash, event);
    this.#sequence = sequence;
  }

  /** `incomplete` if an event of the chain is missing. */
  get result(): "holds" | "differs" | "incomplete" {
    if (this.#sequence !== this.claimed.sequence) return "incomplete";
    return Buffer.compare(this.#hash, this.claimed.hash) === 0 ? "holds" : "differs";
  }

  /** Recomputed hash, in hex. */
  get computed(): string {
    return Buffer.from(this.#hash).toString("hex");
  }

  /** Expected hash, in hex. */
  get said(): string {
    return Buffer.from(this.claimed.hash).toString("hex");
  }
}
