import type { EventStore } from "@activity-events/event-store";
import { EventIngester } from "./application/event-ingester.ts";
import { EventRecorder } from "./application/event-recorder.ts";
import { EventStreamer } from "./application/event-streamer.ts";
import { Health } from "./application/health.ts";
import { OpenStreams } from "./application/open-streams.ts";
import { noPoker, type Poker } from "./application/poker.ts";
import { systemClock } from "./clock.ts";
import type { Config } from "./config.ts";
import { drainOnSignal } from "./drain.ts";
import { addressOf, createServer, listen } from "./grpc/server.ts";
import { type Log, openLog } from "./log.ts";
import { version } from "./version.ts";

export { differingFields } from "./grpc/event-codec.ts";

/** How often the store is asked whether it answers. */
const probeIntervalMs = 3_000;

/** Listens, and says so in one line; stops in order on SIGTERM and SIGINT. Throws what keeps it from running. */
export async function startService(config: Config, store: EventStore): Promise<void> {
  const log = await openLog(config);
  const { logger } = log;
  store.died.then((cause) => {
    logger.fatal({ code: "STORE_DIED", err: cause }, "the store died; the process ends");
    log.flush().finally(() => process.exit(1));
  });

  const poker = await openPoker(config, logger);
  const recorder = new EventRecorder(store, poker);
  const streams = new OpenStreams();
  const streamer = new EventStreamer({
    store,
    streams,
    heartbeatIntervalMs: config.heartbeatIntervalMs,
    streamMaxAgeMs: config.streamMaxAgeMs,
    random: Math.random,
    onFault: (fault) => logger.error(fault, "fault"),
  });
  const ingester = new EventIngester({
    store,
    poker,
    streams,
    streamMaxAgeMs: config.streamMaxAgeMs,
    random: Math.random,
  });
  const health = new Health();
  const server = createServer({ store, recorder, streamer, ingester, health, clock: systemClock(), log: logger });
  const { host } = config;
  let port: number;
  try {
    port = await listen(server, host, config.port);
  } catch (error) {
    await store.close();
    throw new Error(
      `cannot listen on ${addressOf(host, config.port)} (${(error as Error).message}); stop what uses the port, or set PORT or HOST`,
    );
  }
  const stopProbing = health.watchStore(store, probeIntervalMs);
  drainOnSignal({ server, store, poker, recorder, streamer, ingester, health, log, stopProbing });

  if (!isLoopback(host)) {
    logger.warn({ host }, "open to the network without TLS and without authorization of its own; put them in front");
  }
  const { name, details } = store.traits;
  logger.info({ address: addressOf(host, port), version, store: name, ...details }, "listening");
  await log.flush();
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

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host.startsWith("127.");
}
