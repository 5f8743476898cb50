import type { EventStore } from "@activity-events/event-store";
import { limits } from "../limits.ts";
import type { ByteBudget } from "./byte-budget.ts";
import { IngestStream, type IngestStreamOptions } from "./ingest-stream.ts";
import type { Poker } from "./poker.ts";
import { streamEndMs } from "./stream-end.ts";
import type { StreamTimes } from "./stream-times.ts";
import { Turns } from "./turns.ts";
import { WaitingEvents } from "./waiting-events.ts";

interface EventIngesterOptions {
  readonly store: EventStore;
  readonly poker: Poker;
  readonly budget: ByteBudget;
  /** Returns the times of a new stream. */
  readonly streamTimes: () => Pick<StreamTimes, "streamMaxAgeMs">;
  /** Returns a number from 0 to 1, for the jitter of stream ages. */
  readonly random: () => number;
}

/** Records the events of streams, in order per deployment, and acknowledges each once it is stored. */
export class EventIngester {
  /** Shared by all streams. */
  readonly turns = new Turns(limits.ingestTurnEvents);
  readonly #options: EventIngesterOptions;
  readonly #draining = new AbortController();
  readonly #waiting: WaitingEvents;
  #drainDeadlineMs = Number.POSITIVE_INFINITY;

  constructor(options: EventIngesterOptions) {
    this.#options = options;
    this.#waiting = new WaitingEvents(options.budget);
  }

  /** Stops taking events, gives those taken 5 s, and ends the streams with goaway. */
  drain(): void {
    this.#drainDeadlineMs = Date.now() + limits.drainAppendTimeMs;
    this.#draining.abort();
  }

  /** Opens a stream. */
  open(call: Pick<IngestStreamOptions, "callerDeadlineMs" | "signal" | "revoked" | "encodeRefusal">): IngestStream {
    const { store, poker, streamTimes, random } = this.#options;
    return new IngestStream({
      ...call,
      store,
      poker,
      waiting: this.#waiting,
      draining: this.#draining.signal,
      drainDeadlineMs: () => this.#drainDeadlineMs,
      endMs: streamEndMs(streamTimes().streamMaxAgeMs, random),
    });
  }
}
