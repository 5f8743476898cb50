import { limits } from "../limits.ts";
import { Refusal } from "./refusal.ts";

/** Counts and bounds the open streams of this instance. */
export class StreamCount {
  #count = 0;
  readonly #held: Disposable = {
    [Symbol.dispose]: () => {
      this.#count -= 1;
    },
  };

  /** Counts one more stream until the result is disposed of. Throws a Refusal at the limit. */
  hold(): Disposable {
    if (this.#count >= limits.streamsMax) {
      throw new Refusal("TOO_MANY_STREAMS", `the service has ${limits.streamsMax} open streams, its limit`, {
        metadata: { streams_max: `${limits.streamsMax}` },
        retryDelayMs: 5_000,
      });
    }
    this.#count += 1;
    return this.#held;
  }
}
