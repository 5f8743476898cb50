import type { Caller } from "@activity-events/access/caller";
import { type ActivityEventsClient, ActivityEventsError, DeploymentState } from "@activity-events/client";
import { ListDeploymentsResponseSchema } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { create, toJsonString } from "@bufbuild/protobuf";
import { ApiFault } from "./api-fault.ts";
import { checkParameters } from "./check-parameters.ts";
import { pageSizeOf } from "./page-size.ts";

const parameters = ["environment", "service", "state", "page_size", "page_token"] as const;

type Client = Pick<ActivityEventsClient, "readDeployments">;
type Page = Awaited<ReturnType<Client["readDeployments"]>>;

/**
 * Answers /api/deployments: a page of ListDeployments as proto JSON, newest created first. What the viewer may not read is left out, so
 * that a page may have fewer deployments than were asked for, or none.
 */
export async function listDeployments(
  client: Client,
  query: Readonly<Record<string, string>>,
  viewer: Caller,
): Promise<string> {
  checkParameters(query, parameters);
  const { environment = "", service = "", state = "", page_size: size = "50", page_token: pageToken = "" } = query;
  const asked = {
    filter: { environment, service, state: stateNamed(state) },
    pageSize: pageSizeOf(size),
    pageToken,
  };
  const { items, nextPageToken } = await client.readDeployments(asked).catch((error) => pageBehind(error, viewer));
  const deployments = items.filter(({ deploymentId }) => viewer.may("read", deploymentId));
  return toJsonString(
    ListDeploymentsResponseSchema,
    create(ListDeploymentsResponseSchema, { deployments, nextPageToken }),
  );
}

/** Goes on behind a damaged deployment that the viewer may not read: for them it is not there. Throws any other error. */
function pageBehind(error: unknown, viewer: Caller): Page {
  const { deployment_id: deploymentId, next_page_token: nextPageToken } =
    error instanceof ActivityEventsError ? error.metadata : {};
  if (deploymentId === undefined || nextPageToken === undefined || viewer.may("read", deploymentId)) throw error;
  return { items: [], nextPageToken };
}

function stateNamed(name: string): DeploymentState {
  if (name === "") return DeploymentState.UNSPECIFIED;
  const state = DeploymentState[name as keyof typeof DeploymentState];
  if (typeof state === "number" && state !== DeploymentState.UNSPECIFIED) return state;
  throw new ApiFault(
    "INVALID_ARGUMENT",
    `state must be QUEUED, RUNNING, FINISHED or ROLLED_BACK; found ${JSON.stringify(name)}`,
  );
}
