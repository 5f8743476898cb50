import type { ContentCodec, EventStore } from "@activity-events/event-store";
import { ImportStream, type ImportStreamCall } from "./import-stream.ts";
import type { Poker } from "./poker.ts";

interface EventImporterOptions {
  readonly store: EventStore;
  readonly poker: Poker;
  readonly codec: ContentCodec;
}

/** Stores the records of exports. */
export class EventImporter {
  readonly #options: EventImporterOptions;
  readonly #draining = new AbortController();

  constructor(options: EventImporterOptions) {
    this.#options = options;
  }

  /** Ends all imports, current and later: what they have taken is finished first. */
  drain(): void {
    this.#draining.abort();
  }

  open(call: ImportStreamCall): ImportStream {
    return new ImportStream(call, { ...this.#options, draining: this.#draining.signal });
  }
}
