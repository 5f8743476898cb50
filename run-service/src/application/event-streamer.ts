import type { DeploymentId, EventStore } from "@activity-events/event-store";
import { DeploymentFeeds } from "./deployment-feeds.ts";
import {
  EventStream,
  type StreamCall,
  type StreamFault,
  type StreamFrame,
  type StreamRequest,
} from "./event-stream.ts";
import { type EncodeEvents, HistoryPages } from "./history-pages.ts";
import { streamEndMs } from "./stream-end.ts";
import type { StreamTimes } from "./stream-times.ts";

export interface EventStreamerOptions {
  readonly store: EventStore;
  readonly encodeEvents: EncodeEvents;
  /** Returns the times of a new stream. */
  readonly streamTimes: () => StreamTimes;
  /** Returns a number from 0 to 1, for the jitter of stream ages. */
  readonly random: () => number;
  /** Receives faults that should never occur. */
  readonly onFault: (fault: StreamFault) => void;
}

/** Streams the events of deployments, history first, then live: each event after the cursor once, without gaps. */
export class EventStreamer {
  readonly #options: EventStreamerOptions;
  readonly #feeds: DeploymentFeeds;
  readonly #history: HistoryPages;
  readonly #draining = new AbortController();

  constructor(options: EventStreamerOptions) {
    this.#options = options;
    this.#history = new HistoryPages(options.encodeEvents);
    this.#feeds = new DeploymentFeeds({
      store: options.store,
      onSilentListener: (deploymentId) => options.onFault({ code: "LISTENER_SILENT", deploymentId }),
    });
  }

  /** Ends all streams, current and later, with goaway. */
  drain(): void {
    this.#draining.abort();
  }

  /** Forgets the pages of a deployment that was edited here; those of other instances are found out by the head. */
  forget(deploymentId: DeploymentId): void {
    this.#history.forget(deploymentId);
  }

  /** Yields the frames of one stream; reads each only after the previous one was taken. Throws a Refusal; ends on abort. */
  stream(request: StreamRequest, { signal, revoked, bytes }: StreamCall): AsyncGenerator<StreamFrame, void, void> {
    const { store, streamTimes, onFault, random } = this.#options;
    const { heartbeatIntervalMs, streamMaxAgeMs } = streamTimes();
    const endMs = streamEndMs(streamMaxAgeMs, random);
    const draining = this.#draining.signal;
    const [feeds, history] = [this.#feeds, this.#history];
    const options = { store, feeds, history, signal, revoked, bytes, draining, heartbeatIntervalMs, endMs, onFault };
    return new EventStream(request, options).frames();
  }
}
