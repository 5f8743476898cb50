import {
  type ExpireDeploymentsRequest,
  type ExpireDeploymentsResponse,
  ExpireDeploymentsResponseSchema,
} from "@activity-events/proto/activityevents/v1/activity_events_admin_service_pb.js";
import { create } from "@bufbuild/protobuf";
import type { DeploymentExpiry, ExpiryMessage } from "../../application/deployment-expiry.ts";
import { editCallOf } from "../calls/edit-call.ts";
import type { Call } from "../calls/method.ts";
import { wireDeployment } from "../codec/encode.ts";

/** Purges the deployments whose time is over, of those that the caller administers. */
export async function* expireDeployments(
  { dryRun, anyShare, noOlderInstances }: ExpireDeploymentsRequest,
  call: Call,
  expiry: DeploymentExpiry,
): AsyncGenerator<ExpireDeploymentsResponse, void, void> {
  const { caller } = call.access;
  const mayPurge = (deploymentId: string) => caller.may("admin", deploymentId);
  const { principal } = caller;
  const request = { dryRun, anyShare, noOlderInstances, mayPurge, principal };
  for await (const message of expiry.expire(request, editCallOf(call))) {
    yield create(ExpireDeploymentsResponseSchema, { message: wireMessage(message) });
  }
}

function wireMessage(message: ExpiryMessage): ExpireDeploymentsResponse["message"] {
  if (message.kind === "summary") {
    const { deployments, deploymentsOver, deploymentsPurged, eventsPurged } = message;
    return {
      case: "summary",
      value: {
        $typeName: "activityevents.v1.ExpirySummary",
        deployments: BigInt(deployments),
        deploymentsOver: BigInt(deploymentsOver),
        deploymentsPurged: BigInt(deploymentsPurged),
        eventsPurged: BigInt(eventsPurged),
      },
    };
  }
  const { head, eventsPurged, waitsForMirror } = message;
  return {
    case: "deployment",
    value: {
      $typeName: "activityevents.v1.ExpiredDeployment",
      deployment: wireDeployment(head),
      eventsPurged: BigInt(eventsPurged),
      waitsForMirror,
    },
  };
}
