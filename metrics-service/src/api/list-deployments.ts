import { type ActivityEventsClient, DeploymentState } from "@activity-events/client";
import { ListDeploymentsResponseSchema } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { create, toJsonString } from "@bufbuild/protobuf";
import { ApiFault } from "./api-fault.ts";
import { checkParameters } from "./check-parameters.ts";
import { pageSizeOf } from "./page-size.ts";

const parameters = ["environment", "service", "state", "page_size", "page_token"] as const;

/** Answers /api/deployments: a page of ListDeployments as proto JSON, newest created first. */
export async function listDeployments(
  client: Pick<ActivityEventsClient, "readDeployments">,
  query: Readonly<Record<string, string>>,
): Promise<string> {
  checkParameters(query, parameters);
  const { environment = "", service = "", state = "", page_size: size = "50", page_token: pageToken = "" } = query;
  const { items, nextPageToken } = await client.readDeployments({
    filter: { environment, service, state: stateNamed(state) },
    pageSize: pageSizeOf(size),
    pageToken,
  });
  return toJsonString(
    ListDeploymentsResponseSchema,
    create(ListDeploymentsResponseSchema, { deployments: [...items], nextPageToken }),
  );
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
