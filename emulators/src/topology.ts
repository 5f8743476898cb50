import { type CreateSubscriptionOptions, PubSub, type Topic } from "@google-cloud/pubsub";

/** Pushes pokes and sweeps to the mirror. */
export const mirrorSubscription = "activity-pokes-mirror";
const sampleSubscription = "deployment-events-sample";

/** What is between the parts of the system, by name. */
export interface TopologyNames {
  readonly projectId: string;
  /** Pokes and sweeps, for the mirror. */
  readonly pokeTopic: string;
  /** The mirrored events, for subscribers. */
  readonly eventsTopic: string;
}

export interface TopologyOptions extends TopologyNames {
  /** `host:port` of the emulator. */
  readonly pubsubHost: string;
  /** The URL that the mirror is pushed to. */
  readonly pushEndpoint: string;
}

/** The topics with their subscriptions, and the scheduler's way to the mirror. */
export interface Topology extends TopologyNames {
  /** The subscription that the sample subscriber pulls from. */
  readonly sampleSubscription: string;
  /** Asks the mirror to sweep, as Cloud Scheduler does every minute. */
  sweep(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Makes the topics, the mirror's push subscription and one to pull from; those that are there already are taken as they
 * are, but for the push endpoint.
 */
export async function createTopology(options: TopologyOptions): Promise<Topology> {
  const { projectId, pokeTopic, eventsTopic, pubsubHost, pushEndpoint } = options;
  const pubsub = new PubSub({ projectId, apiEndpoint: pubsubHost });
  try {
    const pokes = await createTopic(pubsub, pokeTopic);
    const events = await createTopic(pubsub, eventsTopic);
    await createSubscription(pokes, mirrorSubscription, mirrorSettings(pushEndpoint));
    await pokes.subscription(mirrorSubscription).modifyPushConfig({ pushEndpoint });
    await createSubscription(events, sampleSubscription, { enableMessageOrdering: true });
    return {
      projectId,
      pokeTopic,
      eventsTopic,
      sampleSubscription,
      sweep: async () => {
        await pokes.publishMessage({ json: { kind: "sweep" } });
      },
      close: () => pubsub.close(),
    };
  } catch (error) {
    await pubsub.close();
    throw error;
  }
}

/** As terraform makes it, but for the dead letter: with one, the emulator's push dies of the first message in order. */
function mirrorSettings(pushEndpoint: string): CreateSubscriptionOptions {
  return {
    enableMessageOrdering: true,
    pushConfig: { pushEndpoint },
    ackDeadlineSeconds: 600,
    // The emulator ignores it for subscriptions in order and tries again after a second.
    retryPolicy: { minimumBackoff: { seconds: 1 }, maximumBackoff: { seconds: 60 } },
  };
}

async function createTopic(pubsub: PubSub, name: string): Promise<Topic> {
  await unlessItExists(pubsub.createTopic(name));
  return pubsub.topic(name);
}

async function createSubscription(topic: Topic, name: string, options: CreateSubscriptionOptions): Promise<void> {
  await unlessItExists(topic.createSubscription(name, options));
}

async function unlessItExists(creation: Promise<unknown>): Promise<void> {
  const alreadyExists = 6;
  try {
    await creation;
  } catch (error) {
    if ((error as { code?: number }).code !== alreadyExists) throw error;
  }
}
