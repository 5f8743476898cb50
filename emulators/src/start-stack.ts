import { freePort } from "./free-port.ts";
import { startScheduler } from "./scheduler.ts";
import { type MirrorPart, type ServicePart, startMirror, startService, startSubscriber } from "./stack-parts.ts";
import type { Part } from "./start-part.ts";
import { startReaper } from "./start-reaper.ts";
import { createTopology, type Topology } from "./topology.ts";

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

/** The whole system, but for the emulators, on free ports of loopback. */
export interface Stack extends Omit<Topology, "close"> {
  readonly services: readonly ServicePart[];
  readonly mirror: MirrorPart;
  /** Resolves, with a line about it, when a part ends without being killed or stopped from here. */
  readonly died: Promise<string>;
  /** Asks all parts to stop, and ends within 9 s. */
  stop(): Promise<void>;
}

/**
 * Starts topics, subscriptions, mirror, service processes, scheduler and subscriber; done when all are ready. However
 * this process ends, none of theirs is left. Throws when a part does not start; then all of them are ended.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { environment, projectId, pokeTopic = "activity-pokes", eventsTopic = "deployment-events", services } = options;
  const { FIRESTORE_EMULATOR_HOST, PUBSUB_EMULATOR_HOST: pubsubHost } = environment;
  if (!FIRESTORE_EMULATOR_HOST || !pubsubHost)
    throw new Error("the emulators must run and be named; see startEmulators");
  const mirrorPort = await freePort();
  const direct = `http://127.0.0.1:${mirrorPort}/projects/${projectId}/topics/${pokeTopic}`;
  const pushEndpoint = options.pushThrough?.(direct) ?? direct;

  const reaper = startReaper();
  const start = (name: string, own: Readonly<Record<string, string>> = {}) => ({
    name,
    environment: {
      ...environment,
      METADATA_SERVER_DETECTION: "none",
      GOOGLE_CLOUD_PROJECT: projectId,
      POKE_TOPIC: pokeTopic,
      EVENTS_TOPIC: eventsTopic,
      ...own,
    },
    reaper,
    onLine: (line: string) => options.onLine(name, line),
  });
  const startServiceAt = async (index: number) => {
    const port = (index === 0 && options.servicePort) || (await freePort());
    const name = services === 1 ? "service" : `service-${index + 1}`;
    return startService({ ...start(name, options.serviceEnvironment), port });
  };
  const creatingTopology = createTopology({ projectId, pokeTopic, eventsTopic, pubsubHost, pushEndpoint });
  try {
    const [topology, mirror, ...started] = await Promise.all([
      creatingTopology,
      startMirror({ ...start("mirror", options.mirrorEnvironment), port: mirrorPort }),
      ...Array.from({ length: services }, (_, index) => startServiceAt(index)),
    ]);
    const subscription = topology.sampleSubscription;
    const subscribers = options.subscriber ? [await startSubscriber({ ...start("subscriber"), subscription })] : [];
    const { stop: stopScheduler } = startScheduler({
      intervalSeconds: options.sweepIntervalSeconds,
      sweep: topology.sweep,
      onFault: (line) => options.onLine("scheduler", line),
    });
    const stop = async () => {
      stopScheduler();
      await Promise.all([mirror, ...started, ...subscribers].map((part) => part.stop()));
      await topology.close();
      await reaper.close();
    };
    return stackOf({ topology, mirror, services: started, subscribers, stop });
  } catch (error) {
    await reaper.close();
    await creatingTopology.then(({ close }) => close()).catch(() => {});
    throw error;
  }
}

function stackOf(started: {
  readonly topology: Topology;
  readonly mirror: MirrorPart;
  readonly services: readonly ServicePart[];
  readonly subscribers: readonly Part[];
  readonly stop: () => Promise<void>;
}): Stack {
  const { topology, mirror, services, subscribers, stop } = started;
  const { close: _close, ...names } = topology;
  const died = Promise.race([mirror, ...services, ...subscribers].map((part) => part.died));
  return { ...names, mirror, services, died, stop };
}
