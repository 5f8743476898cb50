import { PubSub, type Subscription } from "@google-cloud/pubsub";

/** A message as a subscriber got it. */
export interface Received {
  readonly sequence: number;
  readonly type: string;
  readonly id: string;
  readonly deploymentId: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly text: string;
  readonly json: Readonly<Record<string, unknown>>;
}

/** A plain subscriber: everything that reached the topic since it was opened, in the order of arrival. */
export interface TopicReader {
  readonly received: readonly Received[];
  /** What arrived of a deployment, as sequences, a tombstone's with a `!`. */
  of(deploymentId: string): string[];
  close(): Promise<void>;
}

/** Subscribes to a topic of the emulator, in order. */
export async function readTopic(pubsub: PubSub, topic: string): Promise<TopicReader> {
  const [subscription] = await pubsub
    .topic(topic)
    .createSubscription(`read-${topic}-${Math.random().toString(36).slice(2)}`, { enableMessageOrdering: true });
  const received: Received[] = [];
  (subscription as Subscription).on("message", (message) => {
    const { attributes, data } = message;
    received.push({
      sequence: Number(attributes["ce-sequence"]),
      type: attributes["ce-type"] ?? "",
      id: attributes["ce-id"] ?? "",
      deploymentId: attributes.deployment_id ?? "",
      attributes,
      text: data.toString(),
      json: JSON.parse(data.toString()),
    });
    message.ack();
  });
  subscription.on("error", (error) => {
    throw error;
  });
  return {
    received,
    of: (deploymentId) =>
      received
        .filter((message) => message.deploymentId === deploymentId)
        .map(({ sequence, type }) => `${type === "activityevents.tombstone" ? "!" : ""}${sequence}`),
    close: () => subscription.close(),
  };
}

/** The same with a client of its own. */
export async function openTopicReader(projectId: string, topic: string): Promise<TopicReader> {
  const pubsub = new PubSub({ projectId, apiEndpoint: process.env.PUBSUB_EMULATOR_HOST ?? "" });
  const reader = await readTopic(pubsub, topic);
  const close = async () => {
    await reader.close();
    await pubsub.close();
  };
  return { ...reader, close };
}

/** What is left after dropping `sequence <= last`; throws where a first appearance is out of order. */
export function firstAppearances(arrived: readonly string[]): string[] {
  const first: string[] = [];
  for (const text of arrived) {
    const sequence = Number(text.replace("!", ""));
    if (sequence <= first.length) continue;
    if (sequence !== first.length + 1) throw new Error(`${text} appeared after ${first.at(-1)}`);
    first.push(text);
  }
  return first;
}
