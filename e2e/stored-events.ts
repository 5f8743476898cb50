import type { Event } from "@activity-events/proto/activityevents/v1/event_pb.js";
import type { Client } from "@grpc/grpc-js";
import { Follower } from "./follower.ts";

/** Reads all events of a deployment; throws when the stream breaks one of its promises. None: it does not exist. */
export async function readStoredEvents(client: Client, deploymentId: string): Promise<readonly Event[]> {
  const events: Event[] = [];
  const reader = new Follower(client, { deploymentId, follow: false, onEvent: (event) => events.push(event) });
  const error = await reader.ended;
  if (error?.details.startsWith("there is no deployment")) return [];
  if (error !== undefined) throw error;
  if (reader.broken !== undefined) throw new Error(reader.broken);
  return events;
}
