import type { TopicMessage } from "@activity-events/topic/topic-message";
import { PubSub, v1 } from "@google-cloud/pubsub";
import { limits } from "./limits.ts";
import { MirrorFaultError } from "./mirror-fault.ts";

// Status codes of gRPC.
const invalidArgument = 3;
const unavailable = 14;

/** Outcome of a publish request. */
export type PublishOutcome =
  | { readonly kind: "accepted" }
  /** INVALID_ARGUMENT: the request or the topic's own rules are the cause. */
  | { readonly kind: "refused"; readonly cause: Error };

/** Publishes messages in order, in one request. Throws a MirrorFaultError if the platform fails. */
export interface Publisher {
  publish(topic: string, messages: readonly TopicMessage[]): Promise<PublishOutcome>;
  close(): Promise<void>;
}

interface PublisherOptions {
  readonly projectId: string;
  /** `host` or `host:port`; any host other than Google's counts as an emulator and gets plain text. */
  readonly endpoint: string;
  readonly publishTimeMs?: number;
}

// The library has two types for this, one stricter than the other.
type ClientOptions = NonNullable<ConstructorParameters<typeof v1.PublisherClient>[0]>;

/** Connects to Pub/Sub, at the first publish. */
export async function openPublisher(options: PublisherOptions): Promise<Publisher> {
  const { projectId, endpoint, publishTimeMs = limits.publishTimeMs } = options;
  // The plain client, because the one with queues continues a key after a failed publish.
  const settings = { projectId, apiEndpoint: endpoint, "grpc.max_reconnect_backoff_ms": limits.reconnectTimeMaxMs };
  const client = new v1.PublisherClient((await new PubSub(settings).getClientConfig()) as ClientOptions);
  const callOptions = { retry: retryWithin(publishTimeMs) };
  return {
    publish: async (topic, messages) => {
      try {
        await client.publish({ topic: `projects/${projectId}/topics/${topic}`, messages: [...messages] }, callOptions);
        return { kind: "accepted" };
      } catch (error) {
        const cause = error as Error & { readonly code?: number };
        if (cause.code === invalidArgument) return { kind: "refused", cause };
        throw new MirrorFaultError("PUBLISH_FAILED", `Pub/Sub did not take ${messages.length} on ${topic}`, { cause });
      }
    },
    close: () => client.close(),
  };
}

/** Retries only a lost connection, and briefly; redelivery of the push does the rest. */
function retryWithin(timeMs: number) {
  return {
    retryCodes: [unavailable],
    backoffSettings: {
      initialRetryDelayMillis: 100,
      retryDelayMultiplier: 2,
      maxRetryDelayMillis: 1_000,
      initialRpcTimeoutMillis: timeMs,
      rpcTimeoutMultiplier: 1,
      maxRpcTimeoutMillis: timeMs,
      totalTimeoutMillis: timeMs,
    },
  };
}
