import { freePort } from "./free-port.ts";
import { startScheduler } from "./scheduler.ts";
import { type MirrorPart, type ServicePart, startMirror, startService, startSubscriber } from "./stack-parts.ts";
import type { Part } from "./start-part.ts";
import { startReaper } from "./start-reaper.ts";
import { createTopology, type Topology } from "./topology.ts";

export interface StackOptions {
  /**
   * Environment of every process. Must name the running emulators by FIRESTORE_EMULATOR_HOST and PUBSUB_EMULATOR_HOST, and
   * may set anything else that the parts read, except ports, project and topics.
   */
  readonly environment: NodeJS.ProcessEnv;
  /** Separate project in the emulators; see randomProjectId. */
  readonly projectId: string;
  /** Number of service processes on the one store. */
  readonly services: number;
  /** Port of the first service process; unset or 0 picks a free one, as for the others. */
  readonly servicePort?: number;
  readonly pokeTopic?: string;
  readonly eventsTopic?: string;
  /** Interval of the sweeps; a test that requests its own sets a long one. */
  readonly sweepIntervalSeconds: number;
  /** Starts the sample subscriber. */
  readonly subscriber: boolean;
  /** Variables for the service processes only, such as an emulator host behind a proxy. */
  readonly serviceEnvironment?: Readonly<Record<string, string>>;
  /** Variables for the mirror only. */
  readonly mirrorEnvironment?: Readonly<Record<string, string>>;
  /** Replaces the URL that Pub/Sub pushes to, for example by that of a proxy that loses pokes. */
  readonly pushThrough?: (endpoint: string) => string;
  /** Receives every line that a part writes. */
  readonly onLine: (part: string, line: string) => void;
}

/** The running system without the emulators, on free ports of loopback. */
export interface Stack extends Omit<Topology, "close"> {
  readonly services: readonly ServicePart[];
  readonly mirror: MirrorPart;
  /** Resolves with a message when a part exits without `kill` or `stop`. */
  readonly died: Promise<string>;
  /** Stops all parts within 9 s. */
  stop(): Promise<void>;
}

/**
 * Creates topics and subscriptions, starts mirror, service processes, scheduler and subscriber, and waits until all are
 * ready. The processes end with this one, however it ends. If a part does not start, stops the others and throws.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { environment, projectId, pokeTopic = "activity-pokes", eventsTopic = "deployment-events", services } = options;
  const { FIRESTORE_EMULATOR_HOST, PUBSUB_EMULATOR_HOST: pubsubHost } = environment;
  if (!FIRESTORE_EMULATOR_HOST || !pubsubHost)
    throw new Error("the environment must name running emulators; see startEmulators");
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
