import type { InterruptedCode, Interruption } from "../program/interruption.ts";

// npm forwards a Ctrl-C that the terminal already sent to the whole group; within this time it is the same one.
const sameSignalMs = 500;
const quietMs = 1_000;

/** Signals and callbacks of a wind-down. */
export interface WindingDownOptions {
  readonly interruption: Interruption;
  /** Called at the first signal. Must stop new work. */
  readonly onSignal: () => void;
  /** Called if work in progress takes a while. */
  readonly onDelay: () => void;
}

/** Ends work in two steps: the first signal lets work in progress finish, the second aborts it. */
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

  /** Aborts at the second signal. */
  get givenUp(): AbortSignal {
    return this.#givingUp.signal;
  }

  /** Exit code of the signal; undefined without one. */
  get exitCode(): InterruptedCode | undefined {
    return this.#exitCode;
  }

  /** Ends the wind-down. From now on a signal ends the program at once. */
  end(): void {
    clearTimeout(this.#delay);
    this.#release();
  }
}
