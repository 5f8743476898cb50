import type { ActivityEventsClient } from "@activity-events/client";
import { type DemoEvent, eventInit } from "./demo-event.ts";

/**
 * Records events in their order; returns their number. Throws the service's reason if it refuses one. The first event of each
 * deployment is a call of its own: deployments that begin in one commit have one create time, and no order in lists.
 */
export async function fill(client: ActivityEventsClient, events: readonly DemoEvent[]): Promise<number> {
  const begun = new Set<string>();
  const others: DemoEvent[] = [];
  for (const event of events) {
    if (begun.has(event.deploymentId)) others.push(event);
    else {
      begun.add(event.deploymentId);
      await client.createEvent({ event: eventInit(event) });
    }
  }
  for await (const outcome of client.ingestEvents(others.map(eventInit))) {
    if (outcome.kind === "refused") throw outcome.error;
  }
  return events.length;
}

/** Tells whether the store has no deployment. */
export async function isEmpty(client: ActivityEventsClient): Promise<boolean> {
  const { items } = await client.readDeployments({ pageSize: 1 });
  return items.length === 0;
}
