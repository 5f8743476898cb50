import type { Permission } from "@activity-events/access/roles";
import {
  type Deployment,
  type DeploymentPage,
  type EventStore,
  type ReadDeployments,
  StoreFaultError,
  limits as storeLimits,
} from "@activity-events/event-store";
import {
  type ListDeploymentsRequest,
  type ListDeploymentsResponse,
  ListDeploymentsResponseSchema,
} from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { create } from "@bufbuild/protobuf";
import { limits } from "../../limits.ts";
import type { CallAccess } from "../access/call-access.ts";
import type { Call } from "../calls/method.ts";
import { wireDeployment, wireDeploymentWithStanding } from "../codec/encode.ts";
import { deploymentTokens } from "../requests/deployment-tokens.ts";
import { parseDeploymentFilter } from "../requests/parse-deployment-filter.ts";
import { parsePageSize } from "../requests/parse-page-size.ts";
import { withTokenBehind } from "../requests/token-behind.ts";
import { Violations } from "../requests/violations.ts";

/** Returns one page of deployments, newest created first. */
export async function listDeployments(
  request: ListDeploymentsRequest,
  call: Call,
  store: EventStore,
): Promise<ListDeploymentsResponse> {
  const violations = new Violations();
  const deploymentsMax = parsePageSize(request.pageSize, violations);
  const filter = parseDeploymentFilter(request.filter, violations);
  violations.throwIfAny();

  const { showDeleted: hidden } = request;
  if (hidden) call.access.demandAnywhere("admin");
  const permission = hidden ? "admin" : "read";
  const parts = [filter.environment, filter.service, filter.state ?? ""];
  const scope = ["deployments", ...parts, ...(hidden ? ["show_deleted"] : [])];
  const tokens = await deploymentTokens({ caller: call.access.caller, permission, scope, store });
  const cursor = request.pageToken === "" ? undefined : tokens.decode(request.pageToken);
  await call.bytes.room(limits.pageWorkBytes, { signals: [], timeMs: limits.roomTimeMs });
  const asked = { cursor, filter, deploymentsMax, hidden };
  const page = await permittedDeployments(asked, permission, store, call.access).catch((error) => {
    throw withTokenBehind(error, ({ deploymentId, createTimeUs }) =>
      createTimeUs === undefined ? undefined : tokens.encode({ deploymentId, createTimeUs }),
    );
  });
  return create(ListDeploymentsResponseSchema, {
    deployments: page.deployments.map(hidden ? wireDeploymentWithStanding : wireDeployment),
    nextPageToken: page.next === undefined ? "" : tokens.encode(page.next),
  });
}

/**
 * Reads a page of the deployments to which the caller may do this. The rest is not there for it, damaged or not: the page is filled from what lies behind, so
 * that the number of pages tells nothing of it, up to a bound of heads.
 */
async function permittedDeployments(
  asked: ReadDeployments,
  permission: Permission,
  store: EventStore,
  { caller }: CallAccess,
): Promise<DeploymentPage> {
  if (caller.granted(permission) === "all") return store.readDeployments(asked);
  const isPermitted = (deploymentId: string) => caller.may(permission, deploymentId);
  const deployments: Deployment[] = [];
  let next = asked.cursor;
  let looked = 0;
  do {
    const page = await behindUnreadable(
      { ...asked, cursor: next, deploymentsMax: limits.pageSizeMax },
      store,
      isPermitted,
    );
    for (const head of page.deployments) {
      if (!isPermitted(head.deploymentId)) continue;
      // There is more for the caller to read, and only then there is another page.
      if (deployments.length === asked.deploymentsMax) return { deployments, next: deployments.at(-1) };
      deployments.push(head);
    }
    ({ next } = page);
    looked += limits.pageSizeMax;
  } while (next !== undefined && looked < storeLimits.pageScanMax);
  return { deployments, next };
}

/** Reads the next page; of one that begins with damage that the caller may not see, nothing but the place behind it. */
async function behindUnreadable(
  asked: ReadDeployments,
  store: EventStore,
  isPermitted: (deploymentId: string) => boolean,
): Promise<DeploymentPage> {
  try {
    return await store.readDeployments(asked);
  } catch (error) {
    const place = error instanceof StoreFaultError ? error.place : undefined;
    if (place?.createTimeUs === undefined || isPermitted(place.deploymentId)) throw error;
    return { deployments: [], next: { deploymentId: place.deploymentId, createTimeUs: place.createTimeUs } };
  }
}
