import { connect } from "node:net";
import { join } from "node:path";
import { freePort } from "./free-port.ts";
import { httpGet } from "./http-get.ts";
import { startScheduler } from "./scheduler.ts";
import { type Part, type PartOptions, startPart } from "./start-part.ts";
import { startReaper } from "./start-reaper.ts";
import { createTopology, type Topology } from "./topology.ts";

const root = join(import.meta.dirname, "..", "..");
const serviceScript = join(root, "run-service", "src", "main.ts");
const mirrorFolder = join(root, "functions", "mirror");
const frameworkScript = join(root, "node_modules", "@google-cloud", "functions-framework", "build", "src", "main.js");
const subscriberScript = join(import.meta.dirname, "sample-subscriber.ts");

export interface StackOptions {
  /**
   * What every process gets. Names the emulators, which run already, by FIRESTORE_EMULATOR_HOST and PUBSUB_EMULATOR_HOST,
   * and sets whatever else the parts read; their ports, the project and the topics are set here.
   */
  readonly environment: NodeJS.ProcessEnv;
  /** In the emulators, a space of its own; see randomProjectId. */
  readonly projectId: string;
  /** How many processes of the service work on the one store. */
  readonly services: number;
  /** The port of the first service process; unset or 0, and for the others, a free one. */
  readonly servicePort?: number;
  readonly pokeTopic?: string;
  readonly eventsTopic?: string;
  /** Time between two sweeps; a test that sweeps by itself sets a long one. */
  readonly sweepIntervalSeconds: number;
  /** Whether the sample subscriber prints what arrives. */
  readonly subscriber: boolean;
  /** Settings of the service processes alone, such as an emulator host that leads through a proxy. */
  readonly serviceEnvironment?: Readonly<Record<string, string>>;
  /** Settings of the mirror alone. */
  readonly mirrorEnvironment?: Readonly<Record<string, string>>;
  /** Given the URL that Pub/Sub pushes to, returns another one, such as that of a proxy that loses pokes. */
  readonly pushThrough?: (endpoint: string) => string;
  /** Is told every line that a part writes. */
  readonly onLine: (part: string, line: string) => void;
}

/** A process of the service. */
export interface ServicePart extends Part {
  /** `127.0.0.1:port`, the same after a restart. */
  readonly address: string;
}

/** The mirror in functions-framework. */
export interface MirrorPart extends Part {
  /** `http://127.0.0.1:port`, the same after a restart. */
  readonly url: string;
}

/** The whole system, but for the emulators, on free ports of loopback. */
export interface Stack extends Omit<Topology, "close"> {
  readonly services: readonly ServicePart[];
  readonly mirror: MirrorPart;
  /** Resolves, with a line about it, when a part ends without being killed or stopped from here. */
  readonly died: Promise<string>;
  /** Stops all parts, in order and within 9 s. */
  stop(): Promise<void>;
}

/**
 * Starts topics, subscriptions, mirror, service processes, scheduler and subscriber; done when all are ready. However
 * this process ends, none of theirs is left. Throws when a part does not start; then all of them are ended.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { environment, projectId, pokeTopic = "activity-pokes", eventsTopic = "deployment-events", onLine } = options;
  const { FIRESTORE_EMULATOR_HOST, PUBSUB_EMULATOR_HOST } = environment;
  if (!FIRESTORE_EMULATOR_HOST || !PUBSUB_EMULATOR_HOST) {
    throw new Error("the stack needs emulators that run; see startEmulators");
  }
  const reaper = startReaper();
  const names = { GOOGLE_CLOUD_PROJECT: projectId, POKE_TOPIC: pokeTopic, EVENTS_TOPIC: eventsTopic };
  const start = (name: string, part: Pick<PartOptions, "args" | "environment" | "isReady">) =>
    startPart({
      ...part,
      name,
      environment: { ...environment, METADATA_SERVER_DETECTION: "none", ...names, ...part.environment },
      reaper,
      onLine: (line) => onLine(name, line),
    });

  const startService = async (index: number): Promise<ServicePart> => {
    const port = (index === 0 && options.servicePort) || (await freePort());
    const part = await start(options.services === 1 ? "service" : `service-${index + 1}`, {
      args: [serviceScript],
      environment: { STORE: "firestore", HOST: "127.0.0.1", PORT: `${port}`, ...options.serviceEnvironment },
      isReady: () => accepts(port),
    });
    return Object.assign(part, { address: `127.0.0.1:${port}` });
  };
  const startMirror = async (port: number): Promise<MirrorPart> => {
    const part = await start("mirror", {
      args: [frameworkScript, "--target=mirror", "--signature-type=http", `--source=${mirrorFolder}`, `--port=${port}`],
      environment: { ...options.mirrorEnvironment },
      isReady: async () => (await httpGet(`127.0.0.1:${port}`))?.status === 200,
    });
    return Object.assign(part, { url: `http://127.0.0.1:${port}` });
  };
  const startSubscriber = (subscription: string) =>
    start("subscriber", { args: [subscriberScript], environment: { SUBSCRIPTION: subscription }, isReady: () => true });

  const mirrorPort = await freePort();
  const direct = `http://127.0.0.1:${mirrorPort}/projects/${projectId}/topics/${pokeTopic}`;
  const pushEndpoint = options.pushThrough?.(direct) ?? direct;
  const pubsubHost = PUBSUB_EMULATOR_HOST;
  const creatingTopology = createTopology({ projectId, pokeTopic, eventsTopic, pubsubHost, pushEndpoint });
  try {
    const [{ close: closeTopology, ...topology }, mirror, ...services] = await Promise.all([
      creatingTopology,
      startMirror(mirrorPort),
      ...Array.from({ length: options.services }, (_, index) => startService(index)),
    ]);
    const subscriber = options.subscriber ? [await startSubscriber(topology.sampleSubscription)] : [];
    const scheduler = startScheduler({
      intervalSeconds: options.sweepIntervalSeconds,
      sweep: topology.sweep,
      onFault: (line) => onLine("scheduler", line),
    });
    const parts: readonly Part[] = [...services, mirror, ...subscriber];
    return {
      ...topology,
      services,
      mirror,
      died: Promise.race(parts.map(({ died }) => died)),
      stop: async () => {
        scheduler.stop();
        await Promise.all(parts.map((part) => part.stop()));
        await closeTopology();
        await reaper.close();
      },
    };
  } catch (error) {
    await reaper.close();
    await creatingTopology.then(
      ({ close }) => close(),
      () => {},
    );
    throw error;
  }
}

/** Whether something listens on a port of loopback. */
function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}
