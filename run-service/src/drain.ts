import { type EventStore, limits } from "@activity-events/event-store";
import type { EventIngester } from "./application/event-ingester.ts";
import type { EventRecorder } from "./application/event-recorder.ts";
import type { EventStreamer } from "./application/event-streamer.ts";
import type { Health } from "./application/health.ts";
import type { Poker } from "./application/poker.ts";
import { endProcess } from "./end-process.ts";
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
 * On the first SIGTERM or SIGINT: not serving, streams end with goaway and OK, appends get 5 s, and the process ends within
 * 8 s: with code 0, or 1 when something of it failed. A second signal ends it at once.
 */
export function drainOnSignal(loaded: () => Promise<Running>): void {
  let draining = false;
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      if (draining) process.exit(1);
      draining = true;
      drainAndEnd(signal, loaded);
    });
  }
}

// What cannot be loaded is an error that nobody catches, and ends the process with it.
async function drainAndEnd(signal: NodeJS.Signals, loaded: () => Promise<Running>): Promise<void> {
  const running = await loaded();
  const { logger } = running.log;
  logger.info({ signal }, "draining");
  try {
    await drain(running);
    logger.info("stopped");
    endProcess(running.log, 0);
  } catch (error) {
    logger.fatal({ code: "DRAIN_FAILED", err: error }, "could not stop in order; the process ends");
    endProcess(running.log, 1);
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
  stopProbing,
}: Running): Promise<void> {
  const late = after(limits.drainTimeMs - 1_000);
  const last = after(limits.drainTimeMs - 500);
  health.drain();
  recorder.drain();
  streamer.drain();
  ingester.drain();
  stopProbing();
  const calls = new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
  await Promise.race([calls, late]);
  // Whatever is still open belongs to readers that do not read.
  server.forceShutdown();
  // A store that is closed in order leaves one file, whole; it gets all the time that there is.
  await Promise.race([closeAll(store, poker), last]);
}

/** Closes one though the other cannot be closed. */
async function closeAll(store: EventStore, poker: Poker): Promise<void> {
  const closed = await Promise.allSettled([store.close(), poker.close()]);
  for (const one of closed) if (one.status === "rejected") throw one.reason;
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
