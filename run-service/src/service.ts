import { setTimeout as sleep } from "node:timers/promises";
import type { EventStore } from "@activity-events/event-store";
import { ByteBudget } from "./application/byte-budget.ts";
import { Health } from "./application/health.ts";
import type { Config } from "./config.ts";
import { contentCodec } from "./content-codec.ts";
import { drainOnSignal } from "./drain.ts";
import { CallHeaders } from "./grpc/call-headers.ts";
import { OpenConnections } from "./grpc/open-connections.ts";
import { addressOf, createServer, listen } from "./grpc/server.ts";
import { OnDemand } from "./on-demand.ts";
import type { ScrubLog } from "./scrub-log.ts";
import { version } from "./version.ts";

/** How often a store of files is asked whether they are in their places and answer, and how often another one, in ms. */
const [fileProbeIntervalMs, probeIntervalMs] = [1_000, 3_000];

/**
 * How long what answers calls is not loaded after listening, unless a call comes: loading keeps the event loop from saying
 * to those who wait for it that the service serves.
 */
const quietMs = 20;

interface StartOptions {
  readonly config: Config;
  readonly store: EventStore;
  readonly scrubs: ScrubLog;
}

/**
 * Listens, loads what answers calls, and says so in one line; stops in order on SIGTERM and SIGINT. Throws what keeps it
 * from running; then the process is to end.
 */
export async function startService({ config, store, scrubs }: StartOptions): Promise<void> {
  const health = new Health();
  const budget = new ByteBudget();
  const calls = new OnDemand(async () => {
    // The store's threads or connections start while the rest is loaded, and not when a call waits for them.
    store.probe().catch(() => {});
    const [{ serveCalls }] = await Promise.all([import("./serve-calls.ts"), contentCodec.load()]);
    return serveCalls({ config, store, health, budget });
  });
  const server = createServer({ health, budget, connections: new OpenConnections(), calls });
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
  new CallHeaders(port);
  const stopProbing = health.watchStore(
    store,
    config.store.store === "sqlite" ? fileProbeIntervalMs : probeIntervalMs,
    {
      answerTimeMs: probeIntervalMs,
      onSilent: async (fault) => {
        const { log } = await calls.load();
        log.logger.error(
          { code: "STORE_NOT_ANSWERING", err: fault },
          "the store does not answer; not serving until it does",
        );
      },
    },
  );
  drainOnSignal(async () => ({ server, store, health, stopProbing, ...(await calls.load()) }));

  await sleep(quietMs);
  const { log } = await calls.load();
  scrubs.writeTo(log.logger);
  if (!isLoopback(host)) {
    log.logger.warn(
      { host },
      "open to the network without TLS and without authorization of its own; put them in front",
    );
  }
  const { name, details, exposed, acceptedLoss } = store.traits;
  if (acceptedLoss !== undefined) {
    const { fault, kept, events } = acceptedLoss;
    log.logger.warn(
      { code: "STORE_LOSS_ACCEPTED", fault, kept, lost_events: events ?? "unknown" },
      "started without events that were acknowledged, as --accept-loss says",
    );
  }
  for (const { path, mode } of exposed) {
    log.logger.warn({ code: "STORE_EXPOSED", path, mode }, "others than its owner may use what the store keeps here");
  }
  log.logger.info({ address: addressOf(host, port), version, store: name, ...details }, "listening");
  await log.flush();
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host.startsWith("127.");
}
