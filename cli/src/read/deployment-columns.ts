import { type Deployment, DeploymentState } from "@activity-events/proto/activityevents/v1/deployment_pb.js";
import { Outcome } from "@activity-events/proto/activityevents/v1/event_pb.js";
import type { Column } from "../output/table.ts";
import { enumName } from "../text/enum-name.ts";
import { timeText } from "../text/timestamp.ts";

/** Columns of a list of deployments. */
export const deploymentColumns: readonly Column<Deployment>[] = [
  { title: "DEPLOYMENT ID", width: 20, cell: ({ deploymentId }) => deploymentId },
  { title: "HEAD SEQUENCE", width: 13, cell: ({ headSequence }) => String(headSequence) },
  { title: "STATE", width: 11, cell: ({ state }) => enumName(DeploymentState, state) },
  { title: "OUTCOME", width: 8, cell: ({ outcome }) => enumName(Outcome, outcome) },
  { title: "ENVIRONMENT", width: 12, cell: ({ environment }) => environment },
  { title: "SERVICE", width: 12, cell: ({ service }) => service },
  { title: "REVISION", width: 12, cell: ({ revision }) => revision },
  { title: "UPDATE TIME", width: 24, cell: ({ updateTime }) => timeText(updateTime) },
  { title: "ACTOR", width: 12, cell: ({ actor }) => actor },
  { title: "COMMIT", width: 12, cell: ({ commit }) => commit },
  { title: "FAILURE TIME", width: 24, cell: ({ failureTime }) => timeText(failureTime) },
];
