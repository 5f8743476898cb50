import { logLevels } from "@activity-events/process/log-level";
import type { Config } from "./config.ts";

/** A setting, as --help shows it. */
export interface Setting {
  readonly name: string;
  readonly default: string;
  readonly description: string;
  /** Changes while the service runs, when CONFIG_FILE changes; the others need a restart. */
  readonly isLive?: true;
  /** Returns what the setting is after defaults and checks, to tell whether it has changed. */
  readonly of: (config: Config) => unknown;
}

/** Every setting of the service, by the name that it has in the environment and in CONFIG_FILE. */
export const settings: readonly Setting[] = [
  {
    name: "PORT",
    default: "50051",
    description: "port to listen on; 0 picks a free one",
    of: ({ port }) => port,
  },
  {
    name: "HOST",
    default: "127.0.0.1",
    description: "address to listen on; any other than loopback is open to the network",
    of: ({ host }) => host,
  },
  {
    name: "TLS_CERT_FILE",
    default: "none; the service speaks plain text",
    description: "PEM file of the service's certificate and its issuers; read again when it changes",
    of: ({ tls }) => tls?.certFile,
  },
  {
    name: "TLS_KEY_FILE",
    default: "none",
    description: "PEM file of the certificate's key (required with TLS_CERT_FILE)",
    of: ({ tls }) => tls?.keyFile,
  },
  {
    name: "TLS_CLIENT_CA_FILE",
    default: "none; clients need no certificate",
    description: "PEM file of the authorities whose certificates clients must have",
    of: ({ tls }) => tls?.clientCaFile,
  },
  {
    name: "STORE",
    default: "sqlite",
    description: "sqlite, firestore, or memory (for trials; lost at exit)",
    of: ({ store }) => store.store,
  },
  {
    name: "DATA_DIR",
    default: "$XDG_DATA_HOME/activity-events, else ~/.local/share/activity-events",
    description: "folder of the sqlite store and of admin-token",
    of: ({ store }) => (store.store === "sqlite" ? store.file : undefined),
  },
  {
    name: "GOOGLE_CLOUD_PROJECT",
    default: "none",
    description: "project of the firestore store (required with firestore)",
    of: ({ store }) => (store.store === "firestore" ? store.projectId : undefined),
  },
  {
    name: "FIRESTORE_DATABASE",
    default: "(default)",
    description: "database of the firestore store",
    of: ({ store }) => (store.store === "firestore" ? store.databaseId : undefined),
  },
  {
    name: "POKE_TOPIC",
    default: "activity-pokes",
    description: "topic that wakes the mirror of the firestore store",
    of: ({ pokeTopic }) => pokeTopic,
  },
  {
    name: "PUBSUB_ENDPOINT",
    default: "that of the nearest region",
    description: "regional host of Pub/Sub, for the pokes",
    of: ({ pubsubEndpoint }) => pubsubEndpoint,
  },
  {
    name: "ACCESS_FILE",
    default: "none",
    description: "YAML file of who may do what (docs/access.md); read anew when it changes",
    of: ({ accessFile }) => accessFile,
  },
  {
    name: "ACCESS",
    default: "none",
    description: "open: without ACCESS_FILE, let everybody who reaches HOST do everything",
    of: ({ isOpen }) => isOpen,
  },
  {
    name: "PRINCIPAL_CALLS_PER_SECOND",
    default: "no limit",
    description: "most calls a second of one principal",
    isLive: true,
    of: ({ shares }) => shares.callsPerSecond,
  },
  {
    name: "PRINCIPAL_STREAMS",
    default: "no limit",
    description: "most open streams of one principal",
    isLive: true,
    of: ({ shares }) => shares.streams,
  },
  {
    name: "REFLECTION",
    default: "on",
    description: "on, or off: describe the contract to anybody who asks",
    of: ({ reflects }) => reflects,
  },
  {
    name: "LOG_LEVEL",
    default: "info",
    description: logLevels.join(", "),
    isLive: true,
    of: ({ logLevel }) => logLevel,
  },
  {
    name: "LOG_FORMAT",
    default: "pretty on a terminal, else json",
    description: "pretty, or json (Cloud Logging's form)",
    of: ({ logFormat }) => logFormat,
  },
  {
    name: "STREAM_MAX_AGE_SECONDS",
    default: "3300",
    description: "maximum age of a stream, which ends at 91 to 100 % of it",
    isLive: true,
    of: ({ streamMaxAgeMs }) => streamMaxAgeMs,
  },
  {
    name: "HEARTBEAT_SECONDS",
    default: "15, or 60 with firestore",
    description: "interval of a follower's heartbeats",
    isLive: true,
    of: ({ heartbeatIntervalMs }) => heartbeatIntervalMs,
  },
  {
    name: "RETENTION_DAYS",
    default: "none; deployments are kept for ever",
    description: "days after the last event, by environment, such as production=730, *=90",
    isLive: true,
    of: ({ retention }) => retention.text,
  },
];

/** Variable that names the settings' file. It stands in the environment alone. */
export const configFileSetting: Omit<Setting, "of"> = {
  name: "CONFIG_FILE",
  default: "none",
  description: "YAML file with settings of these names; a variable goes before its line",
};
