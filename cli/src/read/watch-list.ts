import type { WatchRequest } from "@activity-events/client";
import { type Deployment, DeploymentSchema } from "@activity-events/proto/activityevents/v1/deployment_pb.js";
import { messageWriter } from "../output/message-writer.ts";
import { type CommandContext, reach } from "../program/command-context.ts";
import type { ExitCode } from "../program/exit-code.ts";
import { deploymentColumns } from "./deployment-columns.ts";
import { tellConnection } from "./tell-connection.ts";

/** Lists deployments, and then shows each again that changes, as a further row; says which match no more. */
export async function watchList(
  context: CommandContext,
  filter: WatchRequest["filter"],
  match: ((deployment: Deployment) => boolean) | undefined,
): Promise<ExitCode> {
  const { client, output, complain } = context;
  const { write, flush } = messageWriter(context, DeploymentSchema, deploymentColumns({ ...context, isLive: true }));
  const tell = tellConnection(context);
  /** Head sequence of each deployment that was shown and has not left. */
  const shown = new Map<string, bigint>();
  const leave = (deploymentId: string) => {
    if (shown.delete(deploymentId)) complain(`${deploymentId} does not match any more.`);
  };
  const show = async (deployment: Deployment) => {
    const { deploymentId, headSequence } = deployment;
    if (match?.(deployment) === false) return leave(deploymentId);
    // A list that comes again repeats what has not changed.
    if (shown.get(deploymentId) !== headSequence) await write(deployment);
    shown.set(deploymentId, headSequence);
  };
  let hasCaughtUp = false;
  await reach(context);
  for await (const item of client.watchDeployments({ filter }, { signal: output.closed })) {
    hasCaughtUp ||= item.kind === "caughtUp";
    if (item.kind === "deployments") for (const deployment of item.deployments) await show(deployment);
    if (item.kind === "left") item.deploymentIds.forEach(leave);
    if (item.kind === "damaged") for (const id of item.deploymentIds) complain(`${id} is damaged in the store.`);
    // The list as a whole, whose columns fit it; later rows one by one.
    if (hasCaughtUp) await flush({ isLive: true });
    tell(item);
  }
  return 0;
}
