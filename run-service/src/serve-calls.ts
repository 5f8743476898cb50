import type { EventStore } from "@activity-events/event-store";
import type { ByteBudget } from "./application/byte-budget.ts";
import { EventIngester } from "./application/event-ingester.ts";
import { EventRecorder } from "./application/event-recorder.ts";
import { EventStreamer } from "./application/event-streamer.ts";
import type { Health } from "./application/health.ts";
import { noPoker, type Poker } from "./application/poker.ts";
import { systemClock } from "./clock.ts";
import type { Config } from "./config.ts";
import { endOnUncaughtError, endProcess } from "./end-process.ts";
import { encodeStreamedEvents } from "./grpc/encode.ts";
import { createHandlers } from "./grpc/handlers.ts";
import { readableStore } from "./grpc/readable-store.ts";
import { refuseCall } from "./grpc/refuse-call.ts";
import { statusWithReason } from "./grpc/status-with-reason.ts";
import { type Log, openLog } from "./log.ts";
import { releaseMemoryAtFirstRest } from "./release-memory.ts";

interface ServeCallsOptions {
  readonly config: Config;
  readonly store: EventStore;
  readonly health: Health;
  readonly budget: ByteBudget;
}

/** All that answers calls, and the log. */
export async function serveCalls({ config, store: opened, health, budget }: ServeCallsOptions) {
  const store = readableStore(opened);
  releaseMemoryAtFirstRest();
  const log = await openLog(config);
  const { logger } = log;
  endOnUncaughtError(log);
  store.died.then((cause) => {
    logger.fatal({ code: "STORE_DIED", err: cause }, "the store died; the process ends");
    endProcess(log, 1);
  });

  const poker = await openPoker(config, logger);
  const recorder = new EventRecorder(store, poker);
  const streamer = new EventStreamer({
    store,
    encodeEvents: encodeStreamedEvents,
    heartbeatIntervalMs: config.heartbeatIntervalMs,
    streamMaxAgeMs: config.streamMaxAgeMs,
    random: Math.random,
    onFault: (fault) => logger.error(fault, "fault"),
  });
  const ingester = new EventIngester({
    store,
    poker,
    budget,
    streamMaxAgeMs: config.streamMaxAgeMs,
    random: Math.random,
  });
  const handlers = createHandlers({
    store,
    recorder,
    streamer,
    ingester,
    health,
    clock: systemClock(),
    log: logger,
  });
  return { log, poker, recorder, streamer, ingester, handlers, refuse: refuseCall(logger), statusWithReason };
}

// Loaded only where it is used: the library takes its time.
async function openPoker({ store, pokeTopic, pubsubEndpoint }: Config, logger: Log["logger"]): Promise<Poker> {
  if (store.store !== "firestore") return noPoker;
  const { openPokePublisher } = await import("./pubsub/poke-publisher.ts");
  return openPokePublisher({
    projectId: store.projectId,
    topic: pokeTopic,
    endpoint: pubsubEndpoint,
    onFailure: (deployment, err, failed_total) => {
      logger.warn({ code: "POKE_FAILED", deployment, failed_total, err }, "a poke was lost; the sweep makes up for it");
    },
  });
}
