import { isIPv6 } from "node:net";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import type { StoreSettings } from "@activity-events/event-store";

/** Validated settings. */
export interface Config {
  readonly host: string;
  /** Port to listen on; 0 picks a free one. */
  readonly port: number;
  readonly store: StoreSettings;
  /** Topic of the pokes, if the store has a mirror. */
  readonly pokeTopic: string;
  /** `host` or `host:port` of Pub/Sub in one region, or of the emulator; undefined for the library's default. */
  readonly pubsubEndpoint: string | undefined;
  readonly logLevel: LogLevel;
  readonly logFormat: "pretty" | "json";
  readonly streamMaxAgeMs: number;
  readonly heartbeatIntervalMs: number;
}

const logLevels = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;
export type LogLevel = (typeof logLevels)[number];

/** A setting, as --help shows it. */
interface Setting {
  readonly name: string;
  readonly default: string;
  readonly description: string;
}

export const settings: readonly Setting[] = [
  { name: "PORT", default: "50051", description: "port to listen on; 0 picks a free one" },
  {
    name: "HOST",
    default: "127.0.0.1",
    description: "address to listen on; any other than loopback is open to the network",
  },
  {
    name: "STORE",
    default: "sqlite",
    description: "sqlite, firestore, or memory (for trials; lost at exit)",
  },
  {
    name: "DATA_DIR",
    default: "$XDG_DATA_HOME/activity-events, else ~/.local/share/activity-events",
    description: "folder of the sqlite store",
  },
  {
    name: "GOOGLE_CLOUD_PROJECT",
    default: "none",
    description: "project of the firestore store (required with firestore)",
  },
  { name: "FIRESTORE_DATABASE", default: "(default)", description: "database of the firestore store" },
  { name: "POKE_TOPIC", default: "activity-pokes", description: "topic that wakes the mirror of the firestore store" },
  {
    name: "PUBSUB_ENDPOINT",
    default: "that of the nearest region",
    description: "regional host of Pub/Sub, for the pokes",
  },
  { name: "LOG_LEVEL", default: "info", description: logLevels.join(", ") },
  {
    name: "LOG_FORMAT",
    default: "pretty on a terminal, else json",
    description: "pretty, or json (Cloud Logging's form)",
  },
  {
    name: "STREAM_MAX_AGE_SECONDS",
    default: "3300",
    description: "maximum age of a stream, which ends at 91 to 100 % of it",
  },
  {
    name: "HEARTBEAT_SECONDS",
    default: "15, or 60 with firestore",
    description: "interval of a follower's heartbeats",
  },
];

/** Invalid settings. Each fault is a line that names the setting and the remedy. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(faults.join("\n"));
    this.faults = faults;
  }
}

function storeFile({ DATA_DIR, XDG_DATA_HOME }: NodeJS.ProcessEnv): string {
  // Ask for the home folder last: a numeric user, as in a container, has none.
  const folder = DATA_DIR || join(XDG_DATA_HOME || join(homedir(), ".local", "share"), "activity-events");
  return join(resolve(folder), "events.db");
}

/** Removes the brackets of an IPv6 address; returns undefined for a Unix socket. */
function hostOf(value: string): string | undefined {
  if (/^(unix(-abstract)?:|\/)/.test(value)) return undefined;
  const bracketed = /^\[(.+)\]$/.exec(value)?.[1];
  return bracketed !== undefined && isIPv6(bracketed) ? bracketed : value;
}

/** Reads and checks all settings. Throws a ConfigError with every fault. An empty value counts as unset. */
export function readConfig(environment: NodeJS.ProcessEnv, isTerminal: boolean): Config {
  const faults: string[] = [];
  const text = (name: string, fallback: string) => environment[name] || fallback;
  const number = (name: string, fallback: number, min: number, max: number) => {
    const value = text(name, `${fallback}`);
    const parsed = /^\d+$/.test(value) ? Number(value) : Number.NaN;
    if (parsed >= min && parsed <= max) return parsed;
    faults.push(`${name} must be an integer from ${min} to ${max}; found ${JSON.stringify(value)}`);
    return fallback;
  };
  const oneOf = <Value extends string>(name: string, fallback: Value, values: readonly Value[]): Value => {
    const value = text(name, fallback);
    const known = values.find((candidate) => candidate === value);
    if (known === undefined) faults.push(`${name} must be one of ${values.join(", ")}; found ${JSON.stringify(value)}`);
    return known ?? fallback;
  };

  const host = hostOf(text("HOST", "127.0.0.1"));
  if (host === undefined)
    faults.push(
      `HOST must be an address or a name of this machine; found ${JSON.stringify(environment.HOST)}, but Unix sockets are not supported`,
    );
  const store = oneOf("STORE", "sqlite", ["sqlite", "memory", "firestore"]);
  const projectId = text("GOOGLE_CLOUD_PROJECT", "");
  if (store === "firestore" && projectId === "")
    faults.push("GOOGLE_CLOUD_PROJECT must name a project when STORE is firestore");
  // Cloud Run sets K_SERVICE. Instances lose their disk and memory when they end, and share neither.
  if (environment.K_SERVICE && store !== "firestore")
    faults.push(
      `STORE must be firestore on Cloud Run; found ${JSON.stringify(store)}, whose events would be lost with the instance`,
    );
  const config: Config = {
    host: host ?? "",
    port: number("PORT", 50_051, 0, 65_535),
    store: {
      memory: { store: "memory" } as const,
      sqlite: { store: "sqlite", file: storeFile(environment) } as const,
      firestore: { store: "firestore", projectId, databaseId: text("FIRESTORE_DATABASE", "(default)") } as const,
    }[store],
    pokeTopic: text("POKE_TOPIC", "activity-pokes"),
    pubsubEndpoint: text("PUBSUB_EMULATOR_HOST", text("PUBSUB_ENDPOINT", "")) || undefined,
    logLevel: oneOf("LOG_LEVEL", "info", logLevels),
    logFormat: oneOf("LOG_FORMAT", isTerminal ? "pretty" : "json", ["pretty", "json"]),
    streamMaxAgeMs: number("STREAM_MAX_AGE_SECONDS", 3_300, 1, 86_400) * 1_000,
    heartbeatIntervalMs: number("HEARTBEAT_SECONDS", store === "firestore" ? 60 : 15, 1, 3_600) * 1_000,
  };
  if (faults.length > 0) throw new ConfigError(faults);
  return config;
}

/** Returns the settings of a sqlite store. Throws a ConfigError for any other store, which has no file. */
export function sqliteOf(store: StoreSettings): Extract<StoreSettings, { readonly store: "sqlite" }> {
  if (store.store === "sqlite") return store;
  throw new ConfigError([
    `STORE must be sqlite for this command; found ${JSON.stringify(store.store)}, which has no file`,
  ]);
}
