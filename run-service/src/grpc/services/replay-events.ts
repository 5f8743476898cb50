import type { EventStore } from "@activity-events/event-store";
import {
  type ReplayEventsRequest,
  type ReplayEventsResponse,
  ReplayEventsResponseSchema,
} from "@activity-events/proto/activityevents/v1/activity_events_admin_service_pb.js";
import { create } from "@bufbuild/protobuf";
import type { EventReplayer } from "../../application/event-replayer.ts";
import type { Call } from "../calls/method.ts";
import { deploymentTokens } from "../requests/deployment-tokens.ts";
import { parseDeploymentId } from "../requests/parse-identifiers.ts";
import { parseTime } from "../requests/parse-time.ts";
import { Violations } from "../requests/violations.ts";

interface ReplayParts {
  readonly replayer: EventReplayer;
  readonly store: Pick<EventStore, "pageTokenKey">;
}

/** Has the mirror publish events again: of one deployment, or of all since a time. */
export function replayEvents(
  request: ReplayEventsRequest,
  call: Call,
  parts: ReplayParts,
): Promise<ReplayEventsResponse> {
  return request.deploymentId === "" ? replaySince(request, call, parts) : replayRange(request, call, parts);
}

async function replayRange(
  request: ReplayEventsRequest,
  call: Call,
  { replayer }: ReplayParts,
): Promise<ReplayEventsResponse> {
  const { fromSequence, toSequence, dryRun } = request;
  const violations = new Violations();
  const deploymentId = parseDeploymentId(request.deploymentId, "deployment_id", violations);
  violations.checkSequence("from_sequence", fromSequence);
  violations.checkSequence("to_sequence", toSequence);
  if (toSequence !== 0n && toSequence < fromSequence) {
    violations.add("to_sequence", `must be 0 or at least from_sequence; found ${toSequence}`);
  }
  if (request.receiveTimeFrom !== undefined) violations.add("receive_time_from", "must be unset with deployment_id");
  if (request.pageToken !== "") violations.add("page_token", "must be empty with deployment_id");
  violations.throwIfAny();

  call.about(deploymentId);
  call.access.demand("admin", deploymentId);
  const { deployments, events } = await replayer.replayRange({
    deploymentId,
    fromSequence: Math.max(1, Number(fromSequence)),
    toSequence: toSequence === 0n ? undefined : Number(toSequence),
    dryRun,
  });
  return create(ReplayEventsResponseSchema, { deployments: BigInt(deployments), events: BigInt(events) });
}

async function replaySince(
  request: ReplayEventsRequest,
  call: Call,
  { replayer, store }: ReplayParts,
): Promise<ReplayEventsResponse> {
  const { fromSequence, toSequence, dryRun, pageToken } = request;
  const violations = new Violations();
  const receiveTimeFromUs = parseTime(request.receiveTimeFrom, "receive_time_from", violations);
  if (receiveTimeFromUs === undefined) violations.add("receive_time_from", "is required without deployment_id");
  if (fromSequence !== 0n) violations.add("from_sequence", "must be 0 without deployment_id");
  if (toSequence !== 0n) violations.add("to_sequence", "must be 0 without deployment_id");
  violations.throwIfAny();

  const { caller } = call.access;
  const scope = ["replay", receiveTimeFromUs, dryRun];
  const tokens = await deploymentTokens({ caller, permission: "admin", scope, store });
  const page = await replayer.replaySince({
    receiveTimeFromUs: receiveTimeFromUs ?? 0,
    cursor: pageToken === "" ? undefined : tokens.decode(pageToken),
    mayReplay: (deploymentId) => caller.may("admin", deploymentId),
    dryRun,
  });
  return create(ReplayEventsResponseSchema, {
    deployments: BigInt(page.deployments),
    events: BigInt(page.events),
    nextPageToken: page.next === undefined ? "" : tokens.encode(page.next),
  });
}
