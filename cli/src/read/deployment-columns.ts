import { type Deployment, DeploymentState } from "@activity-events/proto/activityevents/v1/deployment_pb.js";
import { Outcome } from "@activity-events/proto/activityevents/v1/event_pb.js";
import type { Column } from "../output/column.ts";
import { enumName } from "../text/enum-name.ts";
import { localTimeText } from "../text/local-time.ts";
import { timeText } from "../text/timestamp.ts";

/** Columns of a list of deployments; `utc` is for times on a terminal. */
export function deploymentColumns({ utc }: { readonly utc: boolean }): readonly Column<Deployment>[] {
  return [
    { title: "DEPLOYMENT ID", width: 20, cell: ({ deploymentId }) => deploymentId },
    { title: "HEAD SEQUENCE", width: 13, cell: ({ headSequence }) => String(headSequence), leftOut: 4 },
    { title: "STATE", width: 11, cell: ({ state }) => enumName(DeploymentState, state) },
    { title: "OUTCOME", width: 8, cell: ({ outcome }) => enumName(Outcome, outcome) },
    { title: "ENVIRONMENT", width: 12, cell: ({ environment }) => environment, leftOut: 6 },
    { title: "SERVICE", width: 12, cell: ({ service }) => service, leftOut: 7 },
    { title: "REVISION", width: 12, cell: ({ revision }) => revision, leftOut: 5 },
    {
      title: "UPDATE TIME",
      width: 20,
      cell: ({ updateTime }) => timeText(updateTime),
      shown: ({ updateTime }) => localTimeText(updateTime, utc),
    },
    { title: "ACTOR", width: 12, cell: ({ actor }) => actor, leftOut: 3 },
    { title: "COMMIT", width: 12, cell: ({ commit }) => commit, leftOut: 2 },
    {
      title: "FAILURE TIME",
      width: 20,
      cell: ({ failureTime }) => timeText(failureTime),
      shown: ({ failureTime }) => localTimeText(failureTime, utc),
      leftOut: 1,
    },
  ];
}
