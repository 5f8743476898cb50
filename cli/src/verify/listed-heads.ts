import type { ActivityEventsClient, ActivityEventsError, CallOptions, Fault, Page } from "@activity-events/client";
import { isStoreDamaged, PageWatch } from "@activity-events/client/internal";
import type { Deployment } from "@activity-events/proto/activityevents/v1/deployment_pb.js";

/** Next item of a list of deployments: a head, or a fault in its place. */
export type ListedHead =
  | { readonly kind: "head"; readonly head: Deployment }
  | {
      readonly kind: "fault";
      /** The deployment id is empty if the service does not name it. */
      readonly fault: Fault;
      /** True if the list cannot continue after it. */
      readonly endsList: boolean;
    };

const pageSize = 1_000;

/** Lists all deployments, on demand deleted ones too, and skips those that the service reports as damaged. */
export async function* listedHeads(
  client: ActivityEventsClient,
  call: CallOptions,
  { showDeleted = false } = {},
): AsyncGenerator<ListedHead, void, undefined> {
  const watch = new PageWatch();
  let pageToken = "";
  do {
    const { items, nextPageToken } = await readPage(client, { pageSize, pageToken, showDeleted }, call);
    yield* items;
    pageToken = nextPageToken;
    const problem = watch.problem(pageToken, items.length === 0);
    if (problem === undefined) continue;
    const fault: Fault = { kind: "LIST_ENDLESS", deploymentId: "", sequence: undefined, description: problem };
    yield { kind: "fault", fault, endsList: true };
    return;
  } while (pageToken !== "");
}

/** Turns the service's report of a damaged deployment into an item of the list. */
export function damagedHead({ message }: ActivityEventsError, deploymentId: string, endsList: boolean): ListedHead {
  const fault: Fault = { kind: "STORE_DAMAGED", deploymentId, sequence: undefined, description: message };
  return { kind: "fault", fault, endsList };
}

async function readPage(
  client: ActivityEventsClient,
  request: Parameters<ActivityEventsClient["readDeployments"]>[0],
  call: CallOptions,
): Promise<Page<ListedHead>> {
  try {
    const { items, nextPageToken } = await client.readDeployments(request, call);
    return { items: items.map((head) => ({ kind: "head", head })), nextPageToken };
  } catch (error) {
    if (!isStoreDamaged(error)) throw error;
    const { deployment_id: deploymentId = "", next_page_token: nextPageToken = "" } = error.metadata;
    return { items: [damagedHead(error, deploymentId, nextPageToken === "")], nextPageToken };
  }
}
