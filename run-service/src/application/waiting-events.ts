import { limits } from "../limits.ts";
import type { ByteBudget } from "./byte-budget.ts";

/** Counts the events that the store has of all streams, and tells those that are held back when there is room again. */
export class WaitingEvents {
  readonly #budget: ByteBudget;
  readonly #heldBack = new Set<() => void>();
  #events = 0;
  #bytes = 0;

  /** Their bytes are of this budget too. */
  constructor(budget: ByteBudget) {
    this.#budget = budget;
  }

  get hasRoom(): boolean {
    return this.#bytes < limits.ingestWaitingBytesMax && this.#events < limits.ingestWaitingEventsMax;
  }

  add(bytes: number): void {
    this.#events += 1;
    this.#bytes += bytes;
    this.#budget.add(undefined, bytes);
  }

  release(bytes: number): void {
    this.#events -= 1;
    this.#bytes -= bytes;
    this.#budget.give(undefined, bytes);
    if (this.#heldBack.size === 0 || !this.hasRoom) return;
    const heldBack = [...this.#heldBack];
    this.#heldBack.clear();
    for (const wake of heldBack) wake();
  }

  /** Wakes, once, when there is room. */
  onRoom(wake: () => void): void {
    this.#heldBack.add(wake);
  }

  forget(wake: () => void): void {
    this.#heldBack.delete(wake);
  }
}
