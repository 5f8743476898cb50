import { ConfigError } from "@activity-events/process/config-error";
import { type Ports, usualPorts } from "./firebase.ts";

/** Validated settings. */
export interface Config {
  /** Port of the service. 0 picks a free one, as for the other ports. */
  readonly servicePort: number;
  readonly pagePort: number;
  readonly webhooksPort: number;
  /** Token of the route for CloudEvents, which is open on loopback only without an inbox. */
  readonly webhooksToken: string;
  readonly emulatorPorts: Ports;
  readonly projectId: string;
  readonly pokeTopic: string;
  readonly eventsTopic: string;
  readonly sweepIntervalSeconds: number;
  /** Environment of every process, with its own settings. */
  readonly environment: NodeJS.ProcessEnv;
}

/** A setting, as --help shows it. */
interface Setting {
  readonly name: string;
  readonly default: string;
  readonly description: string;
}

const usual = usualPorts();

export const settings: readonly Setting[] = [
  { name: "PORT", default: "50051", description: "port of the service; 0 picks a free one" },
  { name: "PAGE_PORT", default: "50080", description: "port of the page; 0 picks a free one" },
  { name: "WEBHOOKS_PORT", default: "50090", description: "port of the webhooks; 0 picks a free one" },
  { name: "WEBHOOKS_TOKEN", default: "stack", description: "bearer token of the webhooks' /cloudevents and others" },
  {
    name: "FIRESTORE_PORT",
    default: `${usual.firestore}`,
    description: "port of the Firestore emulator; 0 picks a free one",
  },
  { name: "PUBSUB_PORT", default: `${usual.pubsub}`, description: "port of the Pub/Sub emulator; 0 picks a free one" },
  { name: "GOOGLE_CLOUD_PROJECT", default: "demo-activity", description: "project id in the emulators" },
  { name: "POKE_TOPIC", default: "activity-pokes", description: "topic that wakes the mirror" },
  { name: "EVENTS_TOPIC", default: "deployment-events", description: "topic of the mirrored events" },
  { name: "SWEEP_INTERVAL_SECONDS", default: "60", description: "interval of the mirror's sweeps" },
  {
    name: "FIRESTORE_EMULATOR_HOST, PUBSUB_EMULATOR_HOST",
    default: "none; the stack starts them",
    description: "running emulators to use, host:port",
  },
  {
    name: "FIRESTORE_EMULATOR_BINARY_PATH, PUBSUB_EMULATOR_BINARY_PATH",
    default: "those of the gcloud SDK, otherwise a download of firebase-tools",
    description: "emulators to start: a jar and a command",
  },
  {
    name: "JAVA_HOME",
    default: "Java 21 or newer from PATH, or installed beside the one on PATH",
    description: "Java for the emulators",
  },
];

/** Reads and checks all settings. Throws a ConfigError with every fault. An empty value counts as unset. */
export function readConfig(environment: NodeJS.ProcessEnv): Config {
  const faults: string[] = [];
  const number = (name: string, fallback: number, min: number, max: number) => {
    const value = environment[name] || `${fallback}`;
    const parsed = /^\d+$/.test(value) ? Number(value) : Number.NaN;
    if (parsed >= min && parsed <= max) return parsed;
    faults.push(`${name} must be an integer from ${min} to ${max}; found ${JSON.stringify(value)}`);
    return fallback;
  };
  const port = (name: string, fallback: number) => number(name, fallback, 0, 65_535);
  const config: Config = {
    servicePort: port("PORT", 50_051),
    pagePort: port("PAGE_PORT", 50_080),
    webhooksPort: port("WEBHOOKS_PORT", 50_090),
    webhooksToken: environment.WEBHOOKS_TOKEN || "stack",
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
