import { limits } from "../limits.ts";
import { Refusal } from "./refusal.ts";

/** Streams that are bounded together. */
const kinds = {
  guarded: { most: limits.streamsMax, words: "open streams", name: "streams_max" },
  open: { most: limits.openCallsMax, words: "open streams that need no credentials", name: "open_max" },
} as const;

/** Counts and bounds the open streams of this instance. */
export class StreamCount {
  readonly #kind: keyof typeof kinds;
  #count = 0;
  readonly #held: Disposable = {
    [Symbol.dispose]: () => {
      this.#count -= 1;
    },
  };

  constructor(kind: keyof typeof kinds = "guarded") {
    this.#kind = kind;
  }

  /** Counts one more stream until the result is disposed of. Throws a Refusal at the limit. */
  hold(): Disposable {
    const { most, words, name } = kinds[this.#kind];
    if (this.#count >= most) {
      throw new Refusal("TOO_MANY_STREAMS", `the service has ${most} ${words}, its limit`, {
        metadata: { [name]: `${most}` },
        retryDelayMs: 5_000,
      });
    }
    this.#count += 1;
    return this.#held;
  }
}
