import type { DeploymentId, Poke, Replay } from "@activity-events/event-store";
import { PubSub } from "@google-cloud/pubsub";
import type { Poker } from "../application/poker.ts";

interface PokePublisherOptions {
  readonly projectId: string;
  readonly topic: string;
  /** `host` or `host:port`; pokes of one deployment keep their order only within a region. */
  readonly endpoint: string | undefined;
  /** Receives each failed poke and the total of failures. */
  readonly onFailure: (deploymentId: DeploymentId, error: Error, failedTotal: number) => void;
}

/** Time limit of one publish, in ms. A slower poke counts as lost; the sweep replaces it. */
const publishTimeMs = 10_000;

/** Publishes pokes, ordered by deployment, one at a time for each. One further poke covers everything stored meanwhile. */
export function openPokePublisher({ projectId, topic, endpoint, onFailure }: PokePublisherOptions): Poker {
  const pubsub = new PubSub({ projectId, ...(endpoint === undefined ? {} : { apiEndpoint: endpoint }) });
  const publisher = pubsub.topic(topic, {
    messageOrdering: true,
    batching: { maxMilliseconds: 5 },
    gaxOpts: { timeout: publishTimeMs, retry: null },
  });
  const publishing = new Map<DeploymentId, Promise<void>>();
  const again = new Set<DeploymentId>();
  let failedTotal = 0;

  const publish = async (deploymentId: DeploymentId): Promise<void> => {
    do {
      again.delete(deploymentId);
      try {
        const json = { kind: "poke", deploymentId } satisfies Poke;
        await publisher.publishMessage({ json, orderingKey: deploymentId });
      } catch (error) {
        publisher.resumePublishing(deploymentId);
        failedTotal += 1;
        onFailure(deploymentId, error as Error, failedTotal);
      }
    } while (again.has(deploymentId));
    publishing.delete(deploymentId);
  };

  return {
    poke: (deploymentId) => {
      if (publishing.has(deploymentId)) again.add(deploymentId);
      else publishing.set(deploymentId, publish(deploymentId));
    },
    replay: async (replay) => {
      try {
        const json = { kind: "replay", ...replay } satisfies Replay;
        await publisher.publishMessage({ json, orderingKey: replay.deploymentId });
      } catch (error) {
        publisher.resumePublishing(replay.deploymentId);
        throw error;
      }
    },
    close: async () => {
      await Promise.all(publishing.values());
      await pubsub.close();
    },
  };
}
