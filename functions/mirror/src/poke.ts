import type { Poke, Replay } from "@activity-events/event-store";
import { MirrorFaultError } from "./mirror-fault.ts";
import type { Publisher } from "./publisher.ts";

/** Asks the mirror for a run, or for the rest of a replay. Throws a MirrorFaultError, POKE_FAILED. */
export type SendPoke = (poke: Poke | Replay) => Promise<void>;

/** Publishes pokes on a topic, ordered by deployment, so that Pub/Sub delivers one at a time for each. */
export function pokesOn(topic: string, publisher: Publisher): SendPoke {
  return async (poke) => {
    const data = Buffer.from(JSON.stringify(poke));
    try {
      const outcome = await publisher.publish(topic, [{ data, attributes: {}, orderingKey: poke.deploymentId }]);
      if (outcome.kind === "refused") throw outcome.cause;
    } catch (cause) {
      throw new MirrorFaultError("POKE_FAILED", `${topic} did not take a poke`, { cause });
    }
  };
}
