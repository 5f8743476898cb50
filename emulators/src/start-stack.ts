import { freePort } from "./free-port.ts";
import { startScheduler } from "./scheduler.ts";
import { startSignedPushes } from "./signed-pushes.ts";
import {
  type HttpPart,
  type MirrorPart,
  type ServicePart,
  startMirror,
  startPage,
  startService,
  startSubscriber,
  startWebhooks,
} from "./stack-parts.ts";
import { startReaper } from "./start-reaper.ts";
import { createTopology, inboxTopic, type Topology } from "./topology.ts";

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
  /** Port of the page; 0 picks a free one. No page if unset. */
  readonly pagePort?: number;
  /** Port of the webhooks; 0 picks a free one. No webhooks if unset. */
  readonly webhooksPort?: number;
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
  /** The page, if it was asked for. */
  readonly page: HttpPart | undefined;
  /** The webhooks, if they were asked for. */
  readonly webhooks: HttpPart | undefined;
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

  const webhooksPort = options.webhooksPort === undefined ? undefined : options.webhooksPort || (await freePort());
  const pushes = webhooksPort === undefined ? undefined : await startSignedPushes(`http://127.0.0.1:${webhooksPort}`);
  const inboxEndpoint = pushes?.endpoint("/inbox");

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
  const startPageOf = async (service: ServicePart | undefined) => {
    if (options.pagePort === undefined || service === undefined) return undefined;
    const port = options.pagePort || (await freePort());
    return startPage({ ...start("page"), port, address: service.address });
  };
  const startWebhooksOf = async (service: ServicePart | undefined) => {
    if (webhooksPort === undefined || service === undefined) return undefined;
    const own = { ...pushes?.environment, WEBHOOKS_INBOX_TOPIC: inboxTopic };
    return startWebhooks({ ...start("webhooks", own), port: webhooksPort, address: service.address });
  };
  const names = { projectId, pokeTopic, eventsTopic };
  const creatingTopology = createTopology({ ...names, pubsubHost, pushEndpoint, inboxEndpoint });
  try {
    const [topology, mirror, ...started] = await Promise.all([
      creatingTopology,
      startMirror({ ...start("mirror", options.mirrorEnvironment), port: mirrorPort }),
      ...Array.from({ length: services }, (_, index) => startServiceAt(index)),
    ]);
    const subscription = topology.sampleSubscription;
    const subscribers = options.subscriber ? [await startSubscriber({ ...start("subscriber"), subscription })] : [];
    const [page, webhooks] = await Promise.all([startPageOf(started[0]), startWebhooksOf(started[0])]);
    const clients = [page, webhooks].filter((part) => part !== undefined);
    const parts = [mirror, ...started, ...subscribers, ...clients];
    const { stop: stopScheduler } = startScheduler({
      intervalSeconds: options.sweepIntervalSeconds,
      sweep: topology.sweep,
      onFault: (line) => options.onLine("scheduler", line),
    });
    const stop = async () => {
      stopScheduler();
      await Promise.all(parts.map((part) => part.stop()));
      pushes?.close();
      await topology.close();
      await reaper.close();
    };
    const { close: _close, ...created } = topology;
    const died = Promise.race(parts.map((part) => part.died));
    return { ...created, mirror, services: started, page, webhooks, died, stop };
  } catch (error) {
    pushes?.close();
    await reaper.close();
    await creatingTopology.then(({ close }) => close()).catch(() => {});
    throw error;
  }
}
