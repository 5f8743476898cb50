import { setTimeout as sleep } from "node:timers/promises";
import { atEnd } from "@activity-events/testing/cloud-stack";

/** A message as it arrived. */
export interface Arrival {
  readonly deploymentId: string;
  readonly sequence: number;
  /** The event's id. */
  readonly id: string;
  readonly isTombstone: boolean;
}

interface SubscriberOptions {
  readonly projectId: string;
  readonly topic: string;
}

/**
 * A plain subscriber of `deployment-events` with a subscription of its own, in order: pulls over Pub/Sub's REST interface,
 * keeps all that arrives in the order of arrival, and acknowledges it.
 */
export class TopicSubscriber {
  /** All arrivals, repeats included. */
  readonly arrivals: Arrival[] = [];
  /** What is left of each deployment after dropping `sequence <= last seen`. */
  readonly taken = new Map<string, Arrival[]>();
  /** Arrivals that were dropped since the mirror had published them again. */
  repeated = 0;
  /** Arrivals that were dropped since they had not been acknowledged. */
  redelivered = 0;
  /** Is told whether what has arrived is not acknowledged, as when a subscriber dies. */
  forgets: () => boolean = () => false;
  /** The arrivals that came before one that belongs before them. */
  readonly gaps: string[] = [];
  /** Rejects when the subscription cannot be read any more. */
  readonly done: Promise<void>;
  readonly #url: string;
  readonly #closed = new AbortController();
  readonly #messageIds = new Set<string>();

  private constructor(url: string) {
    this.#url = url;
    this.done = this.#read();
    // Whoever waits sees it; until somebody does it is no unhandled rejection.
    this.done.catch(() => {});
  }

  /** Subscribes; whatever is published from then on arrives. */
  static async open({ projectId, topic }: SubscriberOptions): Promise<TopicSubscriber> {
    const name = `subscriber-${Math.random().toString(36).slice(2)}`;
    const url = pubsubUrl(`projects/${projectId}/subscriptions/${name}`);
    const settings = { topic: `projects/${projectId}/topics/${topic}`, enableMessageOrdering: true };
    await pubsubRequest(url, { method: "PUT", body: JSON.stringify({ ...settings, ackDeadlineSeconds: 60 }) });
    const subscriber = new TopicSubscriber(url);
    atEnd(() => subscriber.close());
    return subscriber;
  }

  /** How many events of all deployments have been taken. */
  get takenTotal(): number {
    return this.arrivals.length - this.repeated - this.redelivered;
  }

  async close(): Promise<void> {
    this.#closed.abort();
    await this.done;
  }

  async #read(): Promise<void> {
    const { signal } = this.#closed;
    while (!signal.aborted) {
      try {
        const body = JSON.stringify({ maxMessages: 1_000, returnImmediately: true });
        const answer = await pubsubRequest(`${this.#url}:pull`, { method: "POST", body, signal });
        const { receivedMessages = [] } = answer as { receivedMessages?: readonly ReceivedMessage[] };
        for (const { message } of receivedMessages) this.#take(message);
        const ackIds = receivedMessages.map(({ ackId }) => ackId);
        if (ackIds.length === 0) await sleep(20);
        else await this.#settle(ackIds);
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    }
  }

  async #settle(ackIds: readonly string[]): Promise<void> {
    const [verb, body] = this.forgets()
      ? ["modifyAckDeadline", { ackIds, ackDeadlineSeconds: 0 }]
      : ["acknowledge", { ackIds }];
    await pubsubRequest(`${this.#url}:${verb}`, { method: "POST", body: JSON.stringify(body) });
  }

  #take(message: ReceivedMessage["message"]): void {
    const arrival = arrivalOf(message);
    const { deploymentId, sequence } = arrival;
    const taken = this.taken.get(deploymentId) ?? [];
    this.taken.set(deploymentId, taken);
    this.arrivals.push(arrival);
    const last = taken.at(-1)?.sequence ?? 0;
    const isRedelivered = this.#messageIds.has(message.messageId);
    this.#messageIds.add(message.messageId);
    if (sequence <= last) {
      if (isRedelivered) this.redelivered += 1;
      else this.repeated += 1;
    } else {
      if (sequence > last + 1) this.gaps.push(`${deploymentId}: ${sequence} came after ${last}`);
      taken.push(arrival);
    }
  }
}

interface ReceivedMessage {
  readonly ackId: string;
  readonly message: { readonly messageId: string; readonly attributes: Readonly<Record<string, string>> };
}

function arrivalOf({ attributes }: ReceivedMessage["message"]): Arrival {
  return {
    deploymentId: attributes.deployment_id ?? "",
    sequence: Number(attributes["ce-sequence"]),
    id: attributes["ce-id"] ?? "",
    isTombstone: attributes["ce-type"] === "activityevents.tombstone",
  };
}

/** The address of a topic or subscription of the emulator in its REST interface. */
export function pubsubUrl(name: string): string {
  return `http://${process.env.PUBSUB_EMULATOR_HOST}/v1/${name}`;
}

/** Asks the emulator; throws what it says when it refuses. */
export async function pubsubRequest(url: string, request: RequestInit): Promise<unknown> {
  const response = await fetch(url, { ...request, headers: { "content-type": "application/json" } });
  if (!response.ok) throw new Error(`${request.method} ${url}: ${response.status} ${await response.text()}`);
  return response.json();
}
