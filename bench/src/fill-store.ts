import { ActivityEventsClient } from "@activity-events/client";
import { deploymentId, eventOf } from "./event-template.ts";

/** Content of a filled store: the same number of events in each deployment. */
export interface Fill {
  readonly deployments: number;
  readonly eventsEach: number;
}

const batchMax = 500;
const batchesInFlight = 4;

/** Records events through the service in batches, like an import. */
export async function fillStore(address: string, { deployments, eventsEach }: Fill): Promise<void> {
  const client = new ActivityEventsClient({ address, tls: false });
  let next = 0;
  const fill = async () => {
    while (next < deployments) {
      const deployment = next;
      next += 1;
      for (let stored = 0; stored < eventsEach; stored += batchMax) {
        const length = Math.min(batchMax, eventsEach - stored);
        const number = deployment * eventsEach + stored;
        const events = Array.from({ length }, (_, at) => eventOf(deployment, number + at));
        await client.batchCreateEvents({ deploymentId: deploymentId(deployment), events });
      }
    }
  };
  try {
    await Promise.all(Array.from({ length: batchesInFlight }, fill));
  } finally {
    client.close();
  }
}
