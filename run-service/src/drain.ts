import { type EventStore, limits } from "@activity-events/event-store";
import type { EventIngester } from "./application/event-ingester.ts";
import type { EventRecorder } from "./application/event-recorder.ts";
import type { EventStreamer } from "./application/event-streamer.ts";
import type { Health } from "./application/health.ts";
import type { Poker } from "./application/poker.ts";
import type { Log } from "./log.ts";

interface Running {
  /** The gRPC endpoint: ends when its last call has, or at once. */
  readonly server: { tryShutdown(done: () => void): void; forceShutdown(): void };
  readonly store: EventStore;
  readonly poker: Poker;
  readonly recorder: EventRecorder;
  readonly streamer: EventStreamer;
  readonly ingester: EventIngester;
  readonly health: Health;
  readonly log: Log;
  readonly stopProbing: () => void;
}

/**
 * On the first SIGTERM or SIGINT: not serving, streams end with goaway and OK, appends get 5 s, and the process ends
 * with code 0 within 8 s. A second signal ends it at once.
 */
export function drainOnSignal(loaded: () => Promise<Running>): void {
  let draining = false;
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, async () => {
      if (draining) process.exit(1);
      draining = true;
      const running = await loaded();
      running.log.logger.info({ signal }, "draining");
      drain(running).finally(() => process.exit(0));
    });
  }
}

async function drain({
  server,
  store,
  poker,
  recorder,
  streamer,
  ingester,
  health,
  log,
  stopProbing,
}: Running): Promise<void> {
  const late = new Promise<void>((resolve) => setTimeout(resolve, limits.drainTimeMs - 1_000));
  health.drain();
  recorder.drain();
  streamer.drain();
  ingester.drain();
  stopProbing();
  const calls = new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
  await Promise.race([calls, late]);
  // Whatever is still open belongs to readers that do not read.
  server.forceShutdown();
  await Promise.race([Promise.allSettled([store.close(), poker.close()]), halfASecond()]);
  log.logger.info("stopped");
  await Promise.race([log.flush(), halfASecond()]);
}

function halfASecond(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 500));
}
