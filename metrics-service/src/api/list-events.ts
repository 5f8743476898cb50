import type { ActivityEventsClient } from "@activity-events/client";
import {
  EventOrder,
  ListEventsResponseSchema,
} from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { create, toJsonString } from "@bufbuild/protobuf";
import { ApiFault } from "./api-fault.ts";
import { checkParameters } from "./check-parameters.ts";
import { pageSizeOf } from "./page-size.ts";

const parameters = ["page_size", "page_token", "order"] as const;
const orders = new Map([
  ["oldest", EventOrder.SEQUENCE_ASCENDING],
  ["newest", EventOrder.SEQUENCE_DESCENDING],
]);

/** Answers /api/deployments/{id}/events: a page of ListEvents as proto JSON, oldest first unless `order` is `newest`. */
export async function listEvents(
  client: Pick<ActivityEventsClient, "readEvents">,
  deploymentId: string,
  query: Readonly<Record<string, string>>,
): Promise<string> {
  checkParameters(query, parameters);
  const { page_size: size = "50", page_token: pageToken = "", order = "oldest" } = query;
  const orderBy = orders.get(order);
  if (orderBy === undefined) {
    throw new ApiFault("INVALID_ARGUMENT", `order must be oldest or newest; found ${JSON.stringify(order)}`);
  }
  const { items, nextPageToken } = await client.readEvents({
    deploymentId,
    pageSize: pageSizeOf(size),
    pageToken,
    orderBy,
  });
  return toJsonString(
    ListEventsResponseSchema,
    create(ListEventsResponseSchema, { events: [...items], nextPageToken }),
  );
}
