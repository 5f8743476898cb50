import type { InterruptedCode, Interruption } from "../program/interruption.ts";

// npm hands a Ctrl-C on that the terminal has sent to everyone: within this time it is the same one.
const sameSignalMs = 500;
const quietMs = 1_000;

/** What a wind-down needs. */
export interface WindingDownOptions {
  readonly interruption: Interruption;
  /** At the first signal: begin nothing new. */
  readonly onSignal: () => void;
  /** What is under way takes a while. */
  readonly onDelay: () => void;
}

/** Ends work in two steps: the first signal lets what is under way come to its end, another one gives it up. */
export class WindingDown {
  readonly #givingUp = new AbortController();
  readonly #release: () => void;
  #begunMs: number | undefined;
  #exitCode: InterruptedCode | undefined;
  #delay: NodeJS.Timeout | undefined;

  constructor({ interruption, onSignal, onDelay }: WindingDownOptions) {
    this.#release = interruption.intercept((exitCode) => {
      const nowMs = performance.now();
      if (this.#begunMs === undefined) {
        this.#begunMs = nowMs;
        this.#exitCode = exitCode;
        this.#delay = setTimeout(onDelay, quietMs);
        onSignal();
      } else if (nowMs - this.#begunMs >= sameSignalMs) {
        this.#givingUp.abort();
      }
    });
  }

  /** Aborts when what is under way is given up. */
  get givenUp(): AbortSignal {
    return this.#givingUp.signal;
  }

  /** The signal's; undefined when there was none. */
  get exitCode(): InterruptedCode | undefined {
    return this.#exitCode;
  }

  /** All has come to its end: from now on a signal ends the program at once. */
  end(): void {
    clearTimeout(this.#delay);
    this.#release();
  }
}
