/**
 * Lets so many requests record at once and the others wait, in order. Under more load than the service takes, those that record then
 * end in time, where all at once would all be late.
 */
export class Turns {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(atOnceMax: number) {
    this.#free = atOnceMax;
  }

  /** Runs the work when it is its turn. */
  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      // The turn goes on to the next one.
      if (next === undefined) this.#free += 1;
      else next();
    }
  }
}
