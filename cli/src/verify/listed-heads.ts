import type { ActivityEventsClient, ActivityEventsError, CallOptions, Fault, Page } from "@activity-events/client";
import { isStoreDamaged, PageWatch } from "@activity-events/client/internal";
import type { Deployment } from "@activity-events/proto/activityevents/v1/deployment_pb.js";

/** What a list of deployments brings next: a head, or a fault in the place of one. */
export type ListedHead =
  | { readonly kind: "head"; readonly head: Deployment }
  | {
      readonly kind: "fault";
      /** Its deployment id is empty where the service does not say which it is. */
      readonly fault: Fault;
      /** There is no way on behind it. */
      readonly endsList: boolean;
    };

const pageSize = 1_000;

/** Lists all deployments, past those of which the service says that they are damaged. */
export async function* listedHeads(
  client: ActivityEventsClient,
  call: CallOptions,
): AsyncGenerator<ListedHead, void, undefined> {
  const watch = new PageWatch();
  let pageToken = "";
  do {
    const { items, nextPageToken } = await readPage(client, pageToken, call);
    yield* items;
    pageToken = nextPageToken;
    const problem = watch.problem(pageToken, items.length === 0);
    if (problem === undefined) continue;
    const fault: Fault = { kind: "LIST_ENDLESS", deploymentId: "", sequence: undefined, description: problem };
    yield { kind: "fault", fault, endsList: true };
    return;
  } while (pageToken !== "");
}

/** What the service says of damage to a deployment, in the place of its head. */
export function damagedHead({ message }: ActivityEventsError, deploymentId: string, endsList: boolean): ListedHead {
  const fault: Fault = { kind: "STORE_DAMAGED", deploymentId, sequence: undefined, description: message };
  return { kind: "fault", fault, endsList };
}

async function readPage(client: ActivityEventsClient, pageToken: string, call: CallOptions): Promise<Page<ListedHead>> {
  try {
    const { items, nextPageToken } = await client.readDeployments({ pageSize, pageToken }, call);
    return { items: items.map((head) => ({ kind: "head", head })), nextPageToken };
  } catch (error) {
    if (!isStoreDamaged(error)) throw error;
    const { deployment_id: deploymentId = "", next_page_token: nextPageToken = "" } = error.metadata;
    return { items: [damagedHead(error, deploymentId, nextPageToken === "")], nextPageToken };
  }
}
