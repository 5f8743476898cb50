import { limits } from "../limits.ts";
import type { ByteBudget } from "./byte-budget.ts";

/** Counts the events of all streams that wait for the store, and wakes delayed streams when there is room. */
export class WaitingEvents {
  readonly #budget: ByteBudget;
  readonly #heldBack = new Set<() => void>();
  #events = 0;
  #bytes = 0;

  /** Their bytes also count in this budget. */
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

  /** Calls `wake` once, when there is room. */
  onRoom(wake: () => void): void {
    this.#heldBack.add(wake);
  }

  forget(wake: () => void): void {
    this.#heldBack.delete(wake);
  }
}
