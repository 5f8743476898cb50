import type { DeploymentId, Poke } from "@activity-events/event-store";
import { MirrorFaultError } from "./mirror-fault.ts";
import type { Publisher } from "./publisher.ts";

/** Wakes the mirror for a deployment. Throws a MirrorFaultError, POKE_FAILED. */
export type SendPoke = (deploymentId: DeploymentId) => Promise<void>;

/** Publishes pokes on a topic, ordered by deployment, so that Pub/Sub delivers one at a time for each. */
export function pokesOn(topic: string, publisher: Publisher): SendPoke {
  return async (deploymentId) => {
    const data = Buffer.from(JSON.stringify({ kind: "poke", deploymentId } satisfies Poke));
    try {
      const outcome = await publisher.publish(topic, [{ data, attributes: {}, orderingKey: deploymentId }]);
      if (outcome.kind === "refused") throw outcome.cause;
    } catch (cause) {
      throw new MirrorFaultError("POKE_FAILED", `${topic} did not take a poke`, { cause });
    }
  };
}
