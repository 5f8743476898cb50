/** Shares the turns of the event loop. After as many steps as a turn may have, further work waits for another turn. */
export class Turns {
  readonly #stepsMax: number;
  readonly #waiting: (() => void)[] = [];
  #steps = 0;
  #isScheduled = false;

  constructor(stepsMax: number) {
    this.#stepsMax = stepsMax;
  }

  /** Counts a step; returns true for the last of this turn. */
  step(): boolean {
    this.#steps += 1;
    this.#schedule();
    return this.#steps >= this.#stepsMax;
  }

  /** Resolves in a turn with steps left, in the order of the calls. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#steps = 0;
      // Only one, because it may use the whole turn.
      this.#waiting.shift()?.();
      if (this.#waiting.length > 0) this.#schedule();
    });
  }
}
