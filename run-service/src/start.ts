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

/** Intervals of the probes of a store of files, which also checks that they are in place, and of another store, in ms. */
const [fileProbeIntervalMs, probeIntervalMs] = [1_000, 3_000];

interface StartOptions {
  readonly config: Config;
  /** Starts without events that are missing from the store's files. */
  readonly acceptLoss: boolean;
}

/**
 * Opens the store, listens, and says so in one line; stops in order on SIGTERM and SIGINT. Throws what keeps it from
 * running; then the process is to end.
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
    onMigration: (progress) => logger.info(progress, "the store's file is brought to a newer schema"),
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
  // The store's threads or connections start now, and not when a call waits for them.
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

// Loaded only where it is used: the library takes its time.
async function openPoker({ store, pokeTopic, pubsubEndpoint }: Config, logger: Logger): Promise<Poker> {
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

function warn({ traits: { exposed, acceptedLoss } }: EventStore, host: string, logger: Logger): void {
  if (!isLoopback(host)) {
    logger.warn({ host }, "open to the network without TLS and without authorization of its own; put them in front");
  }
  if (acceptedLoss !== undefined) {
    const { fault, kept, events } = acceptedLoss;
    logger.warn(
      { code: "STORE_LOSS_ACCEPTED", fault, kept, lost_events: events ?? "unknown" },
      "started without events that were acknowledged, as --accept-loss says",
    );
  }
  for (const { path, mode } of exposed) {
    logger.warn({ code: "STORE_EXPOSED", path, mode }, "others than its owner may use what the store keeps here");
  }
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host.startsWith("127.");
}
