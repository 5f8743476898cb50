import { createClient } from "redis";
import { deploymentId, EventTemplate } from "../event-template.ts";
import { closedLoop } from "./closed-loop.ts";
import { countFaults } from "./count-faults.ts";
import type { Load, LoadOptions } from "./load.ts";

/** Redis XADD to one stream per deployment. */
export async function openRedisXadd({ address, inFlight, deployments }: LoadOptions): Promise<Load> {
  const client = createClient({ url: `redis://${address}` });
  await client.connect();
  const template = EventTemplate.ofEvent();
  let made = 0;
  const countStored = async () => {
    const lengths = await Promise.all(Array.from({ length: deployments }, (_, at) => client.xLen(deploymentId(at))));
    return lengths.reduce((sum, length) => sum + length, 0);
  };
  return {
    round: (ms) =>
      closedLoop({
        inFlight,
        ms,
        operation: async () => {
          made += 1;
          const deployment = made % deployments;
          await client.xAdd(deploymentId(deployment), "*", { event: template.make(deployment, made) });
        },
      }),
    settle: () => {},
    verify: async () => countFaults(made, await countStored()),
    close: async () => client.destroy(),
  };
}
