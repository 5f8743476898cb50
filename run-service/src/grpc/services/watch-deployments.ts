import type {
  WatchDeploymentsRequest,
  WatchDeploymentsResponse,
} from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import type { DeploymentWatcher } from "../../application/deployment-watcher.ts";
import type { Call } from "../calls/method.ts";
import { wireWatchFrame } from "../codec/wire-watch-frame.ts";
import { parseDeploymentFilter } from "../requests/parse-deployment-filter.ts";
import { parseTime } from "../requests/parse-time.ts";
import { Violations } from "../requests/violations.ts";

/** Shows the heads of deployments, and then those that change. */
export async function* watchDeployments(
  request: WatchDeploymentsRequest,
  call: Call,
  watcher: DeploymentWatcher,
): AsyncGenerator<WatchDeploymentsResponse, void, void> {
  const violations = new Violations();
  const filter = parseDeploymentFilter(request.filter, violations);
  const createTimeFromUs = parseTime(request.createTimeFrom, "create_time_from", violations);
  violations.throwIfAny();

  const { mayRead } = call.access;
  for await (const frame of watcher.watch({ filter, createTimeFromUs, mayRead }, call)) yield wireWatchFrame(frame);
}
