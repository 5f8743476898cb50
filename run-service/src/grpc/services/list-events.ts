import { type EventStore, limits as storeLimits } from "@activity-events/event-store";
import {
  EventOrder,
  type ListEventsRequest,
} from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { readWholePage } from "../../application/read-whole-page.ts";
import { deploymentNotFound } from "../../application/refusal-of.ts";
import { limits } from "../../limits.ts";
import type { Call } from "../calls/method.ts";
import { encodeListEventsResponse } from "../codec/encode.ts";
import { decodePageToken, encodePageToken } from "../requests/page-token.ts";
import { parseFilter } from "../requests/parse-filter.ts";
import { parseDeploymentId } from "../requests/parse-identifiers.ts";
import { parsePageSize } from "../requests/parse-page-size.ts";
import { withTokenBehind } from "../requests/token-behind.ts";
import { Violations } from "../requests/violations.ts";

/** Returns one page of a deployment's events. */
export async function listEvents(request: ListEventsRequest, call: Call, store: EventStore): Promise<Uint8Array> {
  const violations = new Violations();
  const deploymentId = parseDeploymentId(request.deploymentId, "deployment_id", violations);
  const eventsMax = parsePageSize(request.pageSize, violations);
  const filter = parseFilter(request.filter, violations);
  if (EventOrder[request.orderBy] === undefined) {
    violations.add("order_by", `must be an EventOrder of the contract; found ${request.orderBy}`);
  }
  violations.throwIfAny();

  call.about(deploymentId);
  const { showDeleted: hidden } = request;
  call.access.demand(hidden ? "admin" : "read", deploymentId);
  const order = request.orderBy === EventOrder.SEQUENCE_DESCENDING ? "descending" : "ascending";
  const parts = { ...filter, labels: Object.entries(filter.labels).sort() };
  const scope = ["events", deploymentId, order, parts, ...(hidden ? ["show_deleted"] : [])];
  const cursor = request.pageToken === "" ? undefined : Number(decodePageToken(scope, request.pageToken));
  // Leaves room for the token.
  const bytesMax = storeLimits.messageBytesMax - 1_024;
  const asked = { deploymentId, order, cursor, filter, eventsMax, bytesMax, hidden } as const;
  await call.bytes.room(limits.pageWorkBytes, { signals: [], timeMs: limits.roomTimeMs });
  const page = await readWholePage(store, asked).catch((error) => {
    throw withTokenBehind(error, ({ sequence }) =>
      // A list goes on behind the damage, and where it began behind it, nowhere.
      sequence === undefined || isReached(sequence, order, cursor) ? undefined : encodePageToken(scope, `${sequence}`),
    );
  });
  const isUnknown = cursor === undefined && page.cursor === undefined;
  if (isUnknown && (await store.readDeployment(deploymentId)) === undefined) throw deploymentNotFound(deploymentId);
  const nextPageToken = page.more ? encodePageToken(scope, `${page.cursor}`) : "";
  return encodeListEventsResponse(deploymentId, { events: page.events, nextPageToken });
}

function isReached(sequence: number, order: "ascending" | "descending", cursor: number | undefined): boolean {
  if (cursor === undefined) return false;
  return order === "ascending" ? sequence <= cursor : sequence >= cursor;
}
