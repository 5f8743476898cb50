import {
  type WatchDeploymentsResponse,
  WatchDeploymentsResponseSchema,
} from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import type { WatchFrame } from "../../application/deployment-watch.ts";
import { goawayReasonOf, wireDeployment } from "./encode.ts";
import { durationOfMs } from "./times.ts";

type Init = NonNullable<MessageInitShape<typeof WatchDeploymentsResponseSchema>["frame"]>;

/** Converts a frame of a watch to the contract's message. */
export function wireWatchFrame(frame: WatchFrame): WatchDeploymentsResponse {
  return create(WatchDeploymentsResponseSchema, { frame: plainWatchFrame(frame) });
}

function plainWatchFrame(frame: WatchFrame): Init {
  switch (frame.kind) {
    case "opened":
      return { case: "opened", value: { heartbeatInterval: durationOfMs(frame.heartbeatIntervalMs) } };
    case "deployments":
      return { case: "deployments", value: { deployments: frame.deployments.map(wireDeployment) } };
    case "left":
    case "damaged":
      return { case: frame.kind, value: { deploymentIds: [...frame.deploymentIds] } };
    case "goaway": {
      const { reason, retryDelayMs } = frame;
      return { case: "goaway", value: { reason: goawayReasonOf[reason], retryDelay: durationOfMs(retryDelayMs) } };
    }
    default: {
      const name = { caught_up: "caughtUp", fell_behind: "fellBehind", heartbeat: "heartbeat" } as const;
      return { case: name[frame.kind], value: {} };
    }
  }
}
