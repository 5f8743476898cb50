import { isIPv6 } from "node:net";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import type { StoreSettings } from "@activity-events/event-store";

/** All that can be set, checked. */
export interface Config {
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  readonly store: StoreSettings;
  /** The topic of the pokes, where the store is mirrored. */
  readonly pokeTopic: string;
  /** `host` or `host:port` of Pub/Sub in one region, or of the emulator; undefined for the one that the library finds. */
  readonly pubsubEndpoint: string | undefined;
  readonly logLevel: LogLevel;
  readonly logFormat: "pretty" | "json";
  readonly streamMaxAgeMs: number;
  readonly heartbeatIntervalMs: number;
}

const logLevels = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;
export type LogLevel = (typeof logLevels)[number];

/** One setting, for --help and for the messages about it. */
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
    description: "address to listen on; others than loopback are open to the network",
  },
  {
    name: "STORE",
    default: "sqlite",
    description: "sqlite, firestore, or memory (for trials: all is lost at the end)",
  },
  {
    name: "DATA_DIR",
    default: "$XDG_DATA_HOME/activity-events, else ~/.local/share/activity-events",
    description: "folder of the sqlite store",
  },
  { name: "GOOGLE_CLOUD_PROJECT", default: "none", description: "project of the firestore store; required there" },
  { name: "FIRESTORE_DATABASE", default: "(default)", description: "database of the firestore store" },
  { name: "POKE_TOPIC", default: "activity-pokes", description: "topic that wakes the mirror of the firestore store" },
  {
    name: "PUBSUB_ENDPOINT",
    default: "the nearest region's",
    description: "Pub/Sub's host in one region, for the pokes",
  },
  { name: "LOG_LEVEL", default: "info", description: logLevels.join(", ") },
  {
    name: "LOG_FORMAT",
    default: "pretty on a terminal, else json",
    description: "pretty, or json (Cloud Logging's form)",
  },
  { name: "STREAM_MAX_AGE_SECONDS", default: "3300", description: "a stream ends at 91 to 100 % of it" },
  {
    name: "HEARTBEAT_SECONDS",
    default: "15, or 60 with firestore",
    description: "time between a follower's heartbeats",
  },
];

/** The settings cannot be used; each fault is a line that names the setting and the way out. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(faults.join("\n"));
    this.faults = faults;
  }
}

function storeFile({ DATA_DIR, XDG_DATA_HOME }: NodeJS.ProcessEnv): string {
  // The home folder is asked for last: a user that is only a number, as in a container, has none.
  const folder = DATA_DIR || join(XDG_DATA_HOME || join(homedir(), ".local", "share"), "activity-events");
  return join(resolve(folder), "events.db");
}

/** The host without the brackets that an IPv6 address may have, as in a URL; undefined for a socket of a file. */
function hostOf(value: string): string | undefined {
  if (/^(unix(-abstract)?:|\/)/.test(value)) return undefined;
  const bracketed = /^\[(.+)\]$/.exec(value)?.[1];
  return bracketed !== undefined && isIPv6(bracketed) ? bracketed : value;
}

/** Reads and checks all settings; throws a ConfigError that lists every fault. An empty value is as good as none. */
export function readConfig(environment: NodeJS.ProcessEnv, isTerminal: boolean): Config {
  const faults: string[] = [];
  const text = (name: string, fallback: string) => environment[name] || fallback;
  const number = (name: string, fallback: number, min: number, max: number) => {
    const value = text(name, `${fallback}`);
    const parsed = /^\d+$/.test(value) ? Number(value) : Number.NaN;
    if (parsed >= min && parsed <= max) return parsed;
    faults.push(`${name} must be a whole number from ${min} to ${max}; found ${JSON.stringify(value)}`);
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
      `HOST must be an address or a name of this machine; found ${JSON.stringify(environment.HOST)}, and sockets of files are not served`,
    );
  const store = oneOf("STORE", "sqlite", ["sqlite", "memory", "firestore"]);
  const projectId = text("GOOGLE_CLOUD_PROJECT", "");
  if (store === "firestore" && projectId === "")
    faults.push("GOOGLE_CLOUD_PROJECT must name a project when STORE is firestore");
  // Cloud Run sets K_SERVICE; an instance's disk and memory end with it, and instances share neither.
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

/** The settings of a sqlite store. Throws a ConfigError for another one, which has no file. */
export function sqliteOf(store: StoreSettings): Extract<StoreSettings, { readonly store: "sqlite" }> {
  if (store.store === "sqlite") return store;
  throw new ConfigError([`STORE must be sqlite here; found ${JSON.stringify(store.store)}, which has no file`]);
}
