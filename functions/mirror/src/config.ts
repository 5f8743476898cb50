import { type LogLevel, logLevels } from "@activity-events/process/log-level";
import { limits } from "./limits.ts";

/** Validated settings. */
export interface Config {
  readonly projectId: string;
  readonly databaseId: string;
  readonly pokeTopic: string;
  readonly eventsTopic: string;
  /** `host` or `host:port` of Pub/Sub in one region, or of the emulator. */
  readonly pubsubEndpoint: string;
  readonly runEventsMax: number;
  readonly logLevel: LogLevel;
}

/**
 * Reads and checks all settings. Throws an Error with a line for every fault, which names the setting and the way out. An
 * empty value is as good as none.
 *
 * GOOGLE_CLOUD_PROJECT is required, and PUBSUB_ENDPOINT unless PUBSUB_EMULATOR_HOST is set, because messages of one key
 * are ordered only within a region. FIRESTORE_DATABASE, POKE_TOPIC, EVENTS_TOPIC, MIRROR_RUN_EVENTS_MAX and LOG_LEVEL
 * have defaults. Firestore's library itself reads FIRESTORE_EMULATOR_HOST.
 */
export function readConfig(environment: NodeJS.ProcessEnv): Config {
  const faults: string[] = [];
  const text = (name: string, fallback: string) => environment[name] || fallback;
  const required = (name: string, wanted: string) => {
    const value = text(name, "");
    if (value === "") faults.push(`${name} must be ${wanted}; it is not set`);
    return value;
  };
  const runEventsMax = Number(text("MIRROR_RUN_EVENTS_MAX", `${limits.runEventsMax}`));
  if (!Number.isSafeInteger(runEventsMax) || runEventsMax < 1) {
    faults.push(`MIRROR_RUN_EVENTS_MAX must be an integer from 1; found ${environment.MIRROR_RUN_EVENTS_MAX}`);
  }
  const logLevel = logLevels.find((level) => level === text("LOG_LEVEL", "info"));
  if (logLevel === undefined) {
    faults.push(`LOG_LEVEL must be one of ${logLevels.join(", ")}; found ${environment.LOG_LEVEL}`);
  }
  const config: Config = {
    projectId: required("GOOGLE_CLOUD_PROJECT", "the project's id"),
    databaseId: text("FIRESTORE_DATABASE", "(default)"),
    pokeTopic: text("POKE_TOPIC", "activity-pokes"),
    eventsTopic: text("EVENTS_TOPIC", "deployment-events"),
    pubsubEndpoint:
      environment.PUBSUB_EMULATOR_HOST ||
      required("PUBSUB_ENDPOINT", "Pub/Sub's host in one region, such as europe-west1-pubsub.googleapis.com"),
    runEventsMax,
    logLevel: logLevel ?? "info",
  };
  if (faults.length > 0) throw new Error(faults.join("\n"));
  return config;
}
