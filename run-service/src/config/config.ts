import { homedir } from "node:os";
import { join, resolve } from "node:path";
import type { StoreSettings } from "@activity-events/event-store";
import { ConfigError } from "@activity-events/process/config-error";
import { hostOf } from "@activity-events/process/http-address";
import { type LogLevel, logLevels } from "@activity-events/process/log-level";
import type { ShareLimits } from "../grpc/access/shares.ts";
import type { FileSettings } from "./file-settings.ts";

/** Absolute paths of the PEM files that TLS is made of. */
export interface TlsFiles {
  readonly certFile: string;
  readonly keyFile: string;
  /** Authorities whose certificates clients must have; undefined: clients need none. */
  readonly clientCaFile: string | undefined;
}

/** Validated settings. */
export interface Config {
  readonly host: string;
  /** True on Cloud Run, which sets K_SERVICE. */
  readonly isCloudRun: boolean;
  /** Port to listen on; 0 picks a free one. */
  readonly port: number;
  /** Undefined: the service speaks plain text. */
  readonly tls: TlsFiles | undefined;
  readonly store: StoreSettings;
  /** Absolute path of the file of the admin token; undefined where nothing is kept in DATA_DIR. */
  readonly adminTokenFile: string | undefined;
  /** Topic of the pokes, if the store has a mirror. */
  readonly pokeTopic: string;
  /** `host` or `host:port` of Pub/Sub in one region, or of the emulator; undefined for the library's default. */
  readonly pubsubEndpoint: string | undefined;
  /** Absolute path of the access file, if there is one. */
  readonly accessFile: string | undefined;
  /** True if everybody who reaches the host may do everything, as was said explicitly. */
  readonly isOpen: boolean;
  /** Shares of one principal. */
  readonly shares: ShareLimits;
  /** True if the server describes its contract to anybody who asks. */
  readonly reflects: boolean;
  readonly logLevel: LogLevel;
  readonly logFormat: "pretty" | "json";
  readonly streamMaxAgeMs: number;
  readonly heartbeatIntervalMs: number;
}

const noFile: FileSettings = new Map();

function dataFolder(dataDir: string, { XDG_DATA_HOME }: NodeJS.ProcessEnv): string {
  // Ask for the home folder last: a numeric user, as in a container, has none.
  const folder = dataDir || join(XDG_DATA_HOME || join(homedir(), ".local", "share"), "activity-events");
  return resolve(folder);
}

/** Returns a host to listen on; undefined for a Unix socket. */
function listeningHost(value: string): string | undefined {
  return /^(unix(-abstract)?:|\/)/.test(value) ? undefined : hostOf(value);
}

/**
 * Checks all settings: those of the environment and, below it, those of the file. Throws a ConfigError with every fault. An empty
 * value counts as unset.
 */
export function readConfig(environment: NodeJS.ProcessEnv, isTerminal: boolean, file: FileSettings = noFile): Config {
  const faults: string[] = [];
  const text = (name: string, fallback: string) => environment[name] || file.get(name)?.value || fallback;
  const fault = (name: string, words: string) => {
    const place = environment[name] ? undefined : file.get(name)?.place;
    faults.push(`${place === undefined ? "" : `${place}: `}${name} ${words}`);
  };
  const number = (name: string, fallback: number, min: number, max: number) => {
    const value = text(name, `${fallback}`);
    const parsed = /^\d+$/.test(value) ? Number(value) : Number.NaN;
    if (parsed >= min && parsed <= max) return parsed;
    fault(name, `must be an integer from ${min} to ${max}; found ${JSON.stringify(value)}`);
    return fallback;
  };
  const oneOf = <Value extends string>(name: string, fallback: Value, values: readonly Value[]): Value => {
    const value = text(name, fallback);
    const known = values.find((candidate) => candidate === value);
    if (known === undefined) fault(name, `must be one of ${values.join(", ")}; found ${JSON.stringify(value)}`);
    return known ?? fallback;
  };

  const host = listeningHost(text("HOST", "127.0.0.1"));
  if (host === undefined)
    fault(
      "HOST",
      `must be an address or a name of this machine; found ${JSON.stringify(text("HOST", ""))}, but Unix sockets are not supported`,
    );
  const store = oneOf("STORE", "sqlite", ["sqlite", "memory", "firestore"]);
  const projectId = text("GOOGLE_CLOUD_PROJECT", "");
  if (store === "firestore" && projectId === "")
    fault("GOOGLE_CLOUD_PROJECT", "must name a project when STORE is firestore");
  // Cloud Run sets K_SERVICE. Instances lose their disk and memory when they end, and share neither.
  if (environment.K_SERVICE && store !== "firestore")
    fault(
      "STORE",
      `must be firestore on Cloud Run; found ${JSON.stringify(store)}, whose events would be lost with the instance`,
    );
  const dataDir = text("DATA_DIR", "");
  // A trial in memory writes nothing, unless it is told where.
  const keepsData = store === "sqlite" || (store === "memory" && dataDir !== "");
  const accessFile = text("ACCESS_FILE", "");
  const isOpen = text("ACCESS", "") === "open";
  if (!isOpen && text("ACCESS", "") !== "")
    fault("ACCESS", `must be open or unset; found ${JSON.stringify(text("ACCESS", ""))}`);
  if (isOpen && accessFile !== "") fault("ACCESS", "open contradicts ACCESS_FILE; set one of them");
  const share = (name: string) => (text(name, "") === "" ? undefined : number(name, 1, 1, 1_000_000));
  const config: Config = {
    accessFile: accessFile === "" ? undefined : resolve(accessFile),
    isOpen,
    shares: { callsPerSecond: share("PRINCIPAL_CALLS_PER_SECOND"), streams: share("PRINCIPAL_STREAMS") },
    reflects: oneOf("REFLECTION", "on", ["on", "off"]) === "on",
    host: host ?? "",
    isCloudRun: Boolean(environment.K_SERVICE),
    port: number("PORT", 50_051, 0, 65_535),
    tls: readTls(text, fault, Boolean(environment.K_SERVICE)),
    store: {
      memory: { store: "memory" } as const,
      sqlite: { store: "sqlite", file: join(dataFolder(dataDir, environment), "events.db") } as const,
      firestore: { store: "firestore", projectId, databaseId: text("FIRESTORE_DATABASE", "(default)") } as const,
    }[store],
    adminTokenFile: keepsData ? join(dataFolder(dataDir, environment), "admin-token") : undefined,
    pokeTopic: text("POKE_TOPIC", "activity-pokes"),
    pubsubEndpoint: environment.PUBSUB_EMULATOR_HOST || text("PUBSUB_ENDPOINT", "") || undefined,
    logLevel: oneOf("LOG_LEVEL", "info", logLevels),
    logFormat: oneOf("LOG_FORMAT", isTerminal ? "pretty" : "json", ["pretty", "json"]),
    streamMaxAgeMs: number("STREAM_MAX_AGE_SECONDS", 3_300, 1, 86_400) * 1_000,
    heartbeatIntervalMs: number("HEARTBEAT_SECONDS", store === "firestore" ? 60 : 15, 1, 3_600) * 1_000,
  };
  if (faults.length > 0) throw new ConfigError(faults);
  return config;
}

/** Returns the files of TLS; undefined without TLS or with a fault. Relative paths begin in the working folder. */
function readTls(
  text: (name: string, fallback: string) => string,
  fault: (name: string, words: string) => void,
  isOnCloudRun: boolean,
): TlsFiles | undefined {
  const names = ["TLS_CERT_FILE", "TLS_KEY_FILE", "TLS_CLIENT_CA_FILE"] as const;
  const given = names.find((name) => text(name, "") !== "");
  if (given === undefined) return undefined;
  const [certFile, keyFile, clientCaFile] = names.map((name) => text(name, ""));
  if (isOnCloudRun)
    fault(given, "must not be set on Cloud Run, which ends TLS itself and speaks plain HTTP/2 to the service");
  if (!certFile) fault("TLS_CERT_FILE", `must name the PEM file of the service's certificate when ${given} is set`);
  if (!keyFile) fault("TLS_KEY_FILE", `must name the PEM file of the certificate's key when ${given} is set`);
  if (!certFile || !keyFile) return undefined;
  return {
    certFile: resolve(certFile),
    keyFile: resolve(keyFile),
    clientCaFile: clientCaFile ? resolve(clientCaFile) : undefined,
  };
}

/** Returns the settings of a sqlite store. Throws a ConfigError for any other store, which has no file. */
export function sqliteOf(store: StoreSettings): Extract<StoreSettings, { readonly store: "sqlite" }> {
  if (store.store === "sqlite") return store;
  throw new ConfigError([
    `STORE must be sqlite for this command; found ${JSON.stringify(store.store)}, which has no file`,
  ]);
}
