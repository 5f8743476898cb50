import { type Ports, usualPorts } from "./firebase.ts";

/** All that can be set, checked. */
export interface Config {
  /** 0 picks a free one, as with the others. */
  readonly servicePort: number;
  readonly emulatorPorts: Ports;
  readonly projectId: string;
  readonly pokeTopic: string;
  readonly eventsTopic: string;
  readonly sweepIntervalSeconds: number;
  /** The whole environment: every process gets it, and reads its own settings there. */
  readonly environment: NodeJS.ProcessEnv;
}

/** One setting, for --help and for the messages about it. */
interface Setting {
  readonly name: string;
  readonly default: string;
  readonly description: string;
}

const usual = usualPorts();

export const settings: readonly Setting[] = [
  { name: "PORT", default: "50051", description: "port of the service; 0 picks a free one" },
  { name: "FIRESTORE_PORT", default: `${usual.firestore}`, description: "port of the Firestore emulator, or 0" },
  { name: "PUBSUB_PORT", default: `${usual.pubsub}`, description: "port of the Pub/Sub emulator, or 0" },
  { name: "GOOGLE_CLOUD_PROJECT", default: "demo-activity", description: "project, in the emulators only" },
  { name: "POKE_TOPIC", default: "activity-pokes", description: "topic that wakes the mirror" },
  { name: "EVENTS_TOPIC", default: "deployment-events", description: "topic of the mirrored events" },
  { name: "SWEEP_INTERVAL_SECONDS", default: "60", description: "time between two sweeps of the mirror" },
  {
    name: "FIRESTORE_EMULATOR_HOST, PUBSUB_EMULATOR_HOST",
    default: "none, so that they are started",
    description: "emulators that run already, host:port",
  },
  {
    name: "FIRESTORE_EMULATOR_BINARY_PATH, PUBSUB_EMULATOR_BINARY_PATH",
    default: "those of the gcloud SDK, else what firebase-tools downloads",
    description: "the emulators themselves, a jar and a command",
  },
  {
    name: "JAVA_HOME",
    default: "a Java of 21 or newer on PATH, or installed beside the one there",
    description: "the Java that the emulators run on",
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

/** Reads and checks all settings; throws a ConfigError that lists every fault. An empty value is as good as none. */
export function readConfig(environment: NodeJS.ProcessEnv): Config {
  const faults: string[] = [];
  const number = (name: string, fallback: number, min: number, max: number) => {
    const value = environment[name] || `${fallback}`;
    const parsed = /^\d+$/.test(value) ? Number(value) : Number.NaN;
    if (parsed >= min && parsed <= max) return parsed;
    faults.push(`${name} must be a whole number from ${min} to ${max}; found ${JSON.stringify(value)}`);
    return fallback;
  };
  const port = (name: string, fallback: number) => number(name, fallback, 0, 65_535);
  const config: Config = {
    servicePort: port("PORT", 50_051),
    emulatorPorts: { firestore: port("FIRESTORE_PORT", usual.firestore), pubsub: port("PUBSUB_PORT", usual.pubsub) },
    projectId: environment.GOOGLE_CLOUD_PROJECT || "demo-activity",
    pokeTopic: environment.POKE_TOPIC || "activity-pokes",
    eventsTopic: environment.EVENTS_TOPIC || "deployment-events",
    sweepIntervalSeconds: number("SWEEP_INTERVAL_SECONDS", 60, 1, 86_400),
    environment,
  };
  if (faults.length > 0) throw new ConfigError(faults);
  return config;
}
