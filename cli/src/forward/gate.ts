import { setTimeout as sleep } from "node:timers/promises";
import { TargetError } from "./targets/target.ts";

interface GateOptions {
  /** Delays of the back-off, in ms. */
  readonly firstMs: number;
  readonly maxMs: number;
  readonly onShut: (error: TargetError) => void;
  readonly onOpen: () => void;
}

/** Shut while the target takes nothing, for longer each time: all deployments wait then, and one tries. */
export class Gate {
  readonly #options: GateOptions;
  #failures = 0;
  #opensMs = 0;
  #trial: Promise<void> | undefined;

  constructor(options: GateOptions) {
    this.#options = options;
  }

  /** Tells the target until it takes the event or refuses it. Throws the `TargetError` of a refusal, or when `signal` aborts. */
  async through(tell: () => Promise<void>, signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      const waitMs = this.#opensMs - performance.now();
      if (this.#failures > 0 && this.#trial !== undefined) {
        await this.#trial;
      } else if (this.#failures > 0 && waitMs > 0) {
        await sleep(waitMs, undefined, { signal });
      } else {
        const told = this.#told(tell, signal);
        if (this.#failures > 0) {
          const over = () => {
            this.#trial = undefined;
          };
          this.#trial = told.then(over, over);
        }
        if (await told) return;
      }
    }
  }

  /** False if the target took nothing, which shuts the gate. */
  async #told(tell: () => Promise<void>, signal: AbortSignal): Promise<boolean> {
    try {
      await tell();
      this.#open();
      return true;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof TargetError)) throw error;
      if (error.kind === "passing") this.#shut(error);
      else this.#open();
      if (error.kind === "refused") throw error;
      return false;
    }
  }

  #open(): void {
    if (this.#failures > 0) this.#options.onOpen();
    this.#failures = 0;
  }

  #shut(error: TargetError): void {
    const { firstMs, maxMs, onShut } = this.#options;
    if (this.#failures === 0) onShut(error);
    const delayMs = Math.max(error.retryDelayMs ?? 0, Math.min(maxMs, firstMs * 2 ** this.#failures));
    this.#failures += 1;
    this.#opensMs = performance.now() + delayMs;
  }
}
