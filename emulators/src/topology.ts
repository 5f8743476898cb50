import { type CreateSubscriptionOptions, PubSub, type Topic } from "@google-cloud/pubsub";

/** Subscription that pushes pokes and sweeps to the mirror. */
export const mirrorSubscription = "activity-pokes-mirror";
const sampleSubscription = "deployment-events-sample";

/** Topic of verified notifications, and the subscription that pushes them to the webhooks. */
export const inboxTopic = "webhook-inbox";
export const inboxSubscription = "webhook-inbox-webhooks";

/** Names of the topics between the parts. */
export interface TopologyNames {
  readonly projectId: string;
  /** Topic of pokes and sweeps for the mirror. */
  readonly pokeTopic: string;
  /** Topic of mirrored events for subscribers. */
  readonly eventsTopic: string;
}

export interface TopologyOptions extends TopologyNames {
  /** `host:port` of the emulator. */
  readonly pubsubHost: string;
  /** URL of the mirror that Pub/Sub pushes to. */
  readonly pushEndpoint: string;
  /** URL of the webhooks' inbox that Pub/Sub pushes to; no inbox if unset. */
  readonly inboxEndpoint?: string | undefined;
}

/** Topics, subscriptions, and the scheduler's request for a sweep. */
export interface Topology extends TopologyNames {
  /** Subscription that the sample subscriber pulls from. */
  readonly sampleSubscription: string;
  /** Requests a sweep, as Cloud Scheduler does every minute. */
  sweep(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Creates the topics, the push subscriptions of mirror and webhooks, and one to pull from. Reuses existing ones; updates only
 * the push endpoints.
 */
export async function createTopology(options: TopologyOptions): Promise<Topology> {
  const { projectId, pokeTopic, eventsTopic, pubsubHost, pushEndpoint, inboxEndpoint } = options;
  const pubsub = new PubSub({ projectId, apiEndpoint: pubsubHost });
  try {
    const pokes = await createTopic(pubsub, pokeTopic);
    const events = await createTopic(pubsub, eventsTopic);
    await createSubscription(pokes, mirrorSubscription, mirrorSettings(pushEndpoint));
    await pokes.subscription(mirrorSubscription).modifyPushConfig({ pushEndpoint });
    await createSubscription(events, sampleSubscription, { enableMessageOrdering: true });
    if (inboxEndpoint !== undefined) {
      const inbox = await createTopic(pubsub, inboxTopic);
      await createSubscription(inbox, inboxSubscription, { pushConfig: { pushEndpoint: inboxEndpoint } });
      await inbox.subscription(inboxSubscription).modifyPushConfig({ pushEndpoint: inboxEndpoint });
    }
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

/** Settings as in Terraform but without a dead letter topic, with which the emulator stops pushing at the first ordered message. */
function mirrorSettings(pushEndpoint: string): CreateSubscriptionOptions {
  return {
    enableMessageOrdering: true,
    pushConfig: { pushEndpoint },
    ackDeadlineSeconds: 600,
    // The emulator ignores this for ordered subscriptions and retries after a second.
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
