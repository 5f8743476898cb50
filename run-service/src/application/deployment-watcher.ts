import type { EventStore } from "@activity-events/event-store";
import { DeploymentWatch, type WatchFrame, type WatchRequest } from "./deployment-watch.ts";
import type { StreamCall, StreamFault } from "./event-stream.ts";
import { streamEndMs } from "./stream-end.ts";
import type { StreamTimes } from "./stream-times.ts";
import { WatchFeed } from "./watch-feed.ts";

interface DeploymentWatcherOptions {
  readonly store: EventStore;
  /** Returns the times of a new stream. */
  readonly streamTimes: () => StreamTimes;
  /** Returns a number from 0 to 1, for the jitter of stream ages. */
  readonly random: () => number;
  /** Receives faults that should never occur. */
  readonly onFault: (fault: StreamFault) => void;
}

/** Shows the heads of all deployments as they are, and then as they change. */
export class DeploymentWatcher {
  readonly #options: DeploymentWatcherOptions;
  readonly #feed: WatchFeed;
  readonly #draining = new AbortController();

  constructor(options: DeploymentWatcherOptions) {
    this.#options = options;
    this.#feed = new WatchFeed({
      store: options.store,
      intervalMs: () => options.streamTimes().heartbeatIntervalMs,
      onSilentListener: () => options.onFault({ code: "LISTENER_SILENT", deploymentId: undefined }),
    });
  }

  /** Ends all watches, current and later, with goaway. */
  drain(): void {
    this.#draining.abort();
  }

  /** Yields the frames of one watch; reads each only after the previous one was taken. Throws a Refusal; ends on abort. */
  watch(request: WatchRequest, call: StreamCall): AsyncGenerator<WatchFrame, void, void> {
    const { store, streamTimes, random } = this.#options;
    const { heartbeatIntervalMs, streamMaxAgeMs } = streamTimes();
    const { signal, revoked, bytes } = call;
    const endMs = streamEndMs(streamMaxAgeMs, random);
    const draining = this.#draining.signal;
    return new DeploymentWatch(request, {
      store,
      feed: this.#feed,
      signal,
      revoked,
      bytes,
      draining,
      heartbeatIntervalMs,
      endMs,
    }).frames();
  }
}
