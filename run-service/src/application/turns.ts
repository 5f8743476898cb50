/** Shares each turn of the event loop out: when as much was done in it as may be, whoever goes on waits for one of their own. */
export class Turns {
  readonly #stepsMax: number;
  readonly #waiting: (() => void)[] = [];
  #steps = 0;
  #isScheduled = false;

  constructor(stepsMax: number) {
    this.#stepsMax = stepsMax;
  }

  /** Counts a step; true: it was the last of this turn. */
  step(): boolean {
    this.#steps += 1;
    this.#schedule();
    return this.#steps >= this.#stepsMax;
  }

  /** Resolves in a turn that has steps left; those who wait go on in their order. */
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
      // One of them: it may use the whole turn.
      this.#waiting.shift()?.();
      if (this.#waiting.length > 0) this.#schedule();
    });
  }
}
