import type { AccessFile } from "@activity-events/access/access-file";
import { type EventStore, openEventStore } from "@activity-events/event-store";
import { drainOnRequest } from "@activity-events/process/drain";
import { endOnUncaughtError, endProcess } from "@activity-events/process/end-process";
import { isLoopback } from "@activity-events/process/is-loopback";
import { type Log, openLog } from "@activity-events/process/log";
import type { Logger } from "pino";
import { openAdminToken } from "./admin-token-file.ts";
import { noPoker, type Poker } from "./application/poker.ts";
import { systemClock } from "./clock.ts";
import { checkGuarded } from "./config/check-guarded.ts";
import { type Config, sqliteOf } from "./config/config.ts";
import type { ConfigSource } from "./config/config-source.ts";
import { ConfigWatch } from "./config/config-watch.ts";
import { contentCodec } from "./content-codec.ts";
import { AccessGate } from "./grpc/access/access-gate.ts";
import { AdminToken } from "./grpc/access/admin-token.ts";
import { addressOf } from "./grpc/server/server.ts";
import { type Certificates, checkCertificates, readCertificateFiles } from "./grpc/tls/certificate-files.ts";
import { CertificateWatch } from "./grpc/tls/certificate-watch.ts";
import { scrubLog } from "./scrub-log.ts";
import { Service } from "./service.ts";
import { version } from "./version.ts";

/** Probe intervals, in ms: of a store of files, whose probe also checks that they are in place, and of other stores. */
const [fileProbeIntervalMs, probeIntervalMs] = [1_000, 3_000];

/**
 * Interval of looks at CONFIG_FILE and at the certificates, in ms: soon enough for a person, and Cloud Run charges for each read
 * of a secret.
 */
const watchIntervalMs = 10_000;

/** Time for who replaces certificate and key one after the other, in ms. */
const certificateSettleMs = 1_000;

interface StartOptions {
  readonly config: Config;
  readonly source: ConfigSource;
  /** Text of CONFIG_FILE that the config was made of, if there is one. */
  readonly text: string | undefined;
  /** Starts although events are missing from the store's files. */
  readonly acceptLoss: boolean;
}

/**
 * Opens the store, listens, logs one line, and drains on SIGTERM and SIGINT. Throws if it cannot run; the caller then ends
 * the process.
 */
export async function start({ config, source, text, acceptLoss }: StartOptions): Promise<void> {
  checkGuarded(config);
  const accessFile = await openAccessFile(config);
  const log = await openLog(config);
  const { logger } = log;
  endOnUncaughtError(log);
  try {
    // Before the store, which may take its time: a fault of a setting is told at once.
    const certificates = config.tls && checkCertificates(config.tls, await readCertificateFiles(config.tls));
    const store = await openStore(config, acceptLoss, logger);
    store.died.then((cause) => {
      logger.fatal({ code: "STORE_DIED", err: cause }, "the store died; the process ends");
      endProcess(log, 1);
    });
    const adminToken = accessFile === undefined ? await readAdminToken(config, logger) : new AdminToken(undefined);
    const watch = new ConfigWatch({ source, text, config, logger, intervalMs: watchIntervalMs });
    await serve({ watch, store, accessFile, adminToken, certificates, log });
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

interface ServeOptions {
  readonly watch: ConfigWatch;
  readonly store: EventStore;
  /** Certificates of TLS; undefined: the service speaks plain text. */
  readonly certificates: Certificates | undefined;
  /** Undefined: everybody may do everything. */
  readonly accessFile: AccessFile | undefined;
  readonly adminToken: AdminToken;
  readonly log: Log;
}

async function serve({ watch, store, accessFile, adminToken, certificates, log }: ServeOptions): Promise<void> {
  const { logger } = log;
  const { current: config, file } = watch;
  const { host } = config;
  const service = new Service({
    store,
    gate: openGate(watch, accessFile, adminToken, logger),
    reflects: config.reflects,
    poker: await openPoker(config, logger),
    logger,
    clock: systemClock(),
    random: Math.random,
    streamTimes: () => watch.current,
    onFault: (fault) => logger.error(fault, "fault"),
  });
  let port: number;
  try {
    port = await service.listen(host, config.port, certificates);
  } catch (error) {
    await service.end();
    throw new Error(
      `cannot listen on ${addressOf(host, config.port)}${reasonOf(error as Error)}; stop what uses the port, or set PORT or HOST`,
    );
  }
  // Start the store's threads or connections before a call needs them.
  store.probe().catch(() => {});
  const intervalMs = config.store.store === "sqlite" ? fileProbeIntervalMs : probeIntervalMs;
  const stopProbing = service.health.watchStore(store, intervalMs, {
    answerTimeMs: probeIntervalMs,
    onSilent: (fault) =>
      logger.error({ code: "STORE_NOT_ANSWERING", err: fault }, "the store does not answer; not serving until it does"),
    onAnswer: () => logger.info("the store answers again; serving"),
  });
  const certificateWatch = certificates && watchCertificates(config, certificates, service, logger);
  const drain = () => {
    watch[Symbol.dispose]();
    accessFile?.[Symbol.dispose]();
    certificateWatch?.[Symbol.dispose]();
    stopProbing();
    return service.drain();
  };
  drainOnRequest(drain, log);
  const security = securityOf(config);
  warn(store, config, logger);
  const { name, details } = store.traits;
  const address = addressOf(host, port);
  logger.info({ address, security, version, store: name, ...details, config_file: file }, "listening");
  // Tells `npm start`, whatever the log's level and form. A parent that has left needs no answer.
  process.send?.({ address }, undefined, undefined, () => {});
}

// Loaded on demand, because most services on one machine have none.
async function openAccessFile({ accessFile: path, isCloudRun }: Config): Promise<AccessFile | undefined> {
  if (path === undefined) return undefined;
  const { AccessFile } = await import("@activity-events/access/access-file");
  return AccessFile.open({ path, isCloudRun });
}

async function readAdminToken({ adminTokenFile, store }: Config, logger: Logger): Promise<AdminToken> {
  if (adminTokenFile === undefined) {
    const folder = store.store === "memory" ? " or DATA_DIR, where the admin token is then" : "";
    return new AdminToken(undefined, `admin calls need ACCESS_FILE${folder}; this server has none`);
  }
  const { token, exposed } = await openAdminToken(adminTokenFile);
  for (const { path, mode } of exposed) {
    logger.warn({ code: "STORE_EXPOSED", path, mode }, "other users than the owner may access the admin token");
  }
  return new AdminToken(token);
}

function openGate(
  watch: ConfigWatch,
  accessFile: AccessFile | undefined,
  adminToken: AdminToken,
  logger: Logger,
): AccessGate {
  const { access } = accessFile ?? {};
  const gate = new AccessGate({ access, adminToken, shareLimits: () => watch.current.shares, logger });
  accessFile?.follow(gate, logger);
  return gate;
}

function watchCertificates(
  { tls }: Config,
  certificates: Certificates,
  service: Service,
  logger: Logger,
): CertificateWatch | undefined {
  return (
    tls &&
    new CertificateWatch({
      files: tls,
      certificates,
      renew: (renewed) => service.renew(renewed),
      logger,
      intervalMs: watchIntervalMs,
      settleMs: certificateSettleMs,
      now: Date.now,
    })
  );
}

type Security = "plain" | "tls" | "mutual-tls";

function securityOf({ tls }: Config): Security {
  if (tls === undefined) return "plain";
  return tls.clientCaFile === undefined ? "tls" : "mutual-tls";
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

function warn(
  { traits: { exposed, acceptedLoss } }: EventStore,
  { host, tls, isOpen, isCloudRun }: Config,
  logger: Logger,
): void {
  if (!isLoopback(host) && isOpen && tls?.clientCaFile === undefined) {
    logger.warn({ host }, "everybody who reaches this address may do everything; ACCESS_FILE says who may do what");
  }
  if (!isLoopback(host) && tls === undefined && !isCloudRun) {
    logger.warn(
      { host },
      "open to the network without TLS; set TLS_CERT_FILE and TLS_KEY_FILE, or put a proxy with TLS in front",
    );
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

/** Why listening failed, in words where grpc-js passes on the system's code. */
function reasonOf({ message }: Error): string {
  return message.includes("EADDRINUSE") ? ": another program listens there" : ` (${message})`;
}
