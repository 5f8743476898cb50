import { limits } from "../limits.ts";
import { Refusal } from "./refusal.ts";

/** Counts the open streams of this instance, of whatever kind, so that they are bounded. */
export class StreamCount {
  #count = 0;
  readonly #held: Disposable = {
    [Symbol.dispose]: () => {
      this.#count -= 1;
    },
  };

  /** Counts one more until what is answered is disposed of, once. Throws a Refusal when there are as many as may be. */
  hold(): Disposable {
    if (this.#count >= limits.streamsMax) {
      throw new Refusal("TOO_MANY_STREAMS", `the service has ${limits.streamsMax} open streams, as many as it takes`, {
        metadata: { streams_max: `${limits.streamsMax}` },
        retryDelayMs: 5_000,
      });
    }
    this.#count += 1;
    return this.#held;
  }
}
