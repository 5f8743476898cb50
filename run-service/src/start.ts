import { type EventStore, openEventStore } from "@activity-events/event-store";
import type { Logger } from "pino";
import { noPoker, type Poker } from "./application/poker.ts";
import { systemClock } from "./clock.ts";
import { type Config, sqliteOf } from "./config.ts";
import { contentCodec } from "./content-codec.ts";
import { drainOnSignal } from "./drain.ts";
import { endOnUncaughtError, endProcess } from "./end-process.ts";
import { addressOf } from "./grpc/server/server.ts";
import { type Log, openLog } from "./log.ts";
import { scrubLog } from "./scrub-log.ts";
import { Service } from "./service.ts";
import { version } from "./version.ts";

/** Probe intervals, in ms: of a store of files, whose probe also checks that they are in place, and of other stores. */
const [fileProbeIntervalMs, probeIntervalMs] = [1_000, 3_000];

interface StartOptions {
  readonly config: Config;
  /** Starts although events are missing from the store's files. */
  readonly acceptLoss: boolean;
}

/**
 * Opens the store, listens, logs one line, and drains on SIGTERM and SIGINT. Throws if it cannot run; the caller then ends
 * the process.
 */
export async function start({ config, acceptLoss }: StartOptions): Promise<void> {
  const log = await openLog(config);
  const { logger } = log;
  endOnUncaughtError(log);
  try {
    const store = await openStore(config, acceptLoss, logger);
    store.died.then((cause) => {
      logger.fatal({ code: "STORE_DIED", err: cause }, "the store died; the process ends");
      endProcess(log, 1);
    });
    await serve(config, store, log);
  } finally {
    await log.flush();
  }
}

async function openStore(config: Config, acceptLoss: boolean, logger: Logger): Promise<EventStore> {
  const settings = acceptLoss ? { ...sqliteOf(config.store), acceptLoss } : config.store;
  return openEventStore(settings, contentCodec, {
    onMigration: (progress) => logger.info(progress, "migrating the store's file to a newer schema"),
    onScrub: scrubLog(logger),
  });
}

async function serve(config: Config, store: EventStore, log: Log): Promise<void> {
  const { logger } = log;
  const { host, heartbeatIntervalMs, streamMaxAgeMs } = config;
  const service = new Service({
    store,
    poker: await openPoker(config, logger),
    logger,
    clock: systemClock(),
    random: Math.random,
    heartbeatIntervalMs,
    streamMaxAgeMs,
    onFault: (fault) => logger.error(fault, "fault"),
  });
  let port: number;
  try {
    port = await service.listen(host, config.port);
  } catch (error) {
    await service.end();
    throw new Error(
      `cannot listen on ${addressOf(host, config.port)} (${(error as Error).message}); stop what uses the port, or set PORT or HOST`,
    );
  }
  // Start the store's threads or connections before a call needs them.
  store.probe().catch(() => {});
  const intervalMs = config.store.store === "sqlite" ? fileProbeIntervalMs : probeIntervalMs;
  const stopProbing = service.health.watchStore(store, intervalMs, {
    answerTimeMs: probeIntervalMs,
    onSilent: (fault) =>
      logger.error({ code: "STORE_NOT_ANSWERING", err: fault }, "the store does not answer; not serving until it does"),
  });
  const drain = () => {
    stopProbing();
    return service.drain();
  };
  drainOnSignal(drain, log);
  warn(store, host, logger);
  const { name, details } = store.traits;
  logger.info({ address: addressOf(host, port), version, store: name, ...details }, "listening");
}

// Loaded on demand, because the library is slow to load.
async function openPoker({ store, pokeTopic, pubsubEndpoint }: Config, logger: Logger): Promise<Poker> {
  if (store.store !== "firestore") return noPoker;
  const { openPokePublisher } = await import("./pubsub/poke-publisher.ts");
  return openPokePublisher({
    projectId: store.projectId,
    topic: pokeTopic,
    endpoint: pubsubEndpoint,
    onFailure: (deployment, err, failed_total) => {
      logger.warn(
        { code: "POKE_FAILED", deployment, failed_total, err },
        "lost a poke; the sweep will mirror its events",
      );
    },
  });
}

function warn({ traits: { exposed, acceptedLoss } }: EventStore, host: string, logger: Logger): void {
  if (!isLoopback(host)) {
    logger.warn({ host }, "open to the network without TLS or authorization; put a proxy with both in front");
  }
  if (acceptedLoss !== undefined) {
    const { fault, kept, events } = acceptedLoss;
    logger.warn(
      { code: "STORE_LOSS_ACCEPTED", fault, kept, lost_events: events ?? "unknown" },
      "started without some acknowledged events, because of --accept-loss",
    );
  }
  for (const { path, mode } of exposed) {
    logger.warn({ code: "STORE_EXPOSED", path, mode }, "other users than the owner may access the store here");
  }
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host.startsWith("127.");
}
