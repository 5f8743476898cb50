import {
  type Deployment,
  DeploymentStanding,
  DeploymentState,
} from "@activity-events/proto/activityevents/v1/deployment_pb.js";
import { Outcome } from "@activity-events/proto/activityevents/v1/event_pb.js";
import type { Column } from "../output/column.ts";
import { enumName } from "../text/enum-name.ts";
import { ageColumn, timeColumn } from "./time-column.ts";

interface DeploymentColumnsOptions {
  readonly utc: boolean;
  readonly nowMs: number;
  /** Rows stay on the terminal while time goes on, so that it shows when they changed instead of how long ago. */
  readonly isLive?: boolean;
  /** With a column that says which ones are deleted or purged. */
  readonly withStanding?: boolean;
}

const standingColumn: Column<Deployment> = {
  title: "STANDING",
  width: 8,
  cell: ({ standing }) => enumName(DeploymentStanding, standing),
};

/** Columns of a list of deployments. A terminal shows how long ago they changed, or UTC. */
export function deploymentColumns({
  isLive = false,
  withStanding = false,
  ...times
}: DeploymentColumnsOptions): readonly Column<Deployment>[] {
  const timesColumn = isLive ? timeColumn : ageColumn;
  return [
    { title: "DEPLOYMENT ID", width: 20, cell: ({ deploymentId }) => deploymentId, isCutInside: true },
    { title: "HEAD SEQUENCE", width: 13, cell: ({ headSequence }) => String(headSequence), leftOut: 4 },
    ...(withStanding ? [standingColumn] : []),
    { title: "STATE", width: 11, cell: ({ state }) => enumName(DeploymentState, state) },
    { title: "OUTCOME", width: 8, cell: ({ outcome }) => enumName(Outcome, outcome) },
    { title: "ENVIRONMENT", width: 12, cell: ({ environment }) => environment, leftOut: 6 },
    { title: "SERVICE", width: 12, cell: ({ service }) => service, leftOut: 7 },
    { title: "REVISION", width: 12, cell: ({ revision }) => revision, leftOut: 5 },
    timesColumn("UPDATE TIME", ({ updateTime }) => updateTime, times),
    { title: "ACTOR", width: 12, cell: ({ actor }) => actor, leftOut: 3 },
    { title: "COMMIT", width: 12, cell: ({ commit }) => commit, leftOut: 2 },
    { ...timesColumn("FAILURE TIME", ({ failureTime }) => failureTime, times), leftOut: 1 },
  ];
}
