import { limits } from "@activity-events/event-store";
import { Refusal } from "./refusal.ts";

/** Counts the open streams of this instance, of whatever kind, so that they are bounded. */
export class OpenStreams {
  #count = 0;

  /** Counts one more; to be given back with `close`. Throws a Refusal when there are as many as may be. */
  open(): void {
    if (this.#count >= limits.streamsMax) {
      throw new Refusal("TOO_MANY_STREAMS", `the service has ${limits.streamsMax} open streams, as many as it takes`, {
        metadata: { streams_max: `${limits.streamsMax}` },
        retryDelayMs: 5_000,
      });
    }
    this.#count += 1;
  }

  close(): void {
    this.#count -= 1;
  }

  /** Counts one more until `serve` is through. Throws a Refusal when there are as many as may be. */
  async hold(serve: () => Promise<void>): Promise<void> {
    this.open();
    try {
      await serve();
    } finally {
      this.close();
    }
  }
}
