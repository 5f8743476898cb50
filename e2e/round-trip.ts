import { randomUUID } from "node:crypto";
import { call, connect, methods } from "@activity-events/testing/contract-client";
import { Follower } from "./follower.ts";

/** Uses the service as anybody does, over a connection of its own: records an event, reads it back, and follows it. */
export async function roundTrip(address: string): Promise<void> {
  const client = connect(address);
  const ids = { deploymentId: `after-${randomUUID()}`, eventId: "here" };
  const created = await call(client, methods.createEvent, { event: { ...ids, message: "still here" } });
  const { event } = await call(client, methods.getEvent, ids);
  if (event === undefined || event.sequence !== 1n || event.message !== created.event?.message) {
    throw new Error(`what was read back is not what was recorded: ${event?.name} ${event?.message}`);
  }
  const follower = new Follower(client, { deploymentId: ids.deploymentId });
  await follower.until(() => follower.last === 1 && follower.frames.includes("caught_up"));
  follower.cancel();
  client.close();
}
