import {
  DeploymentSchema,
  DeploymentState,
  DeploymentStateSchema,
} from "@activity-events/proto/activityevents/v1/deployment_pb.js";
import type { Command } from "commander";
import { parseCount, parseId } from "../flags/parse-flags.ts";
import { messageWriter } from "../output/message-writer.ts";
import { writeFields } from "../output/write-fields.ts";
import type { CommandContext, Perform } from "../program/command-context.ts";
import type { ExitCode } from "../program/exit-code.ts";
import { UsageError } from "../program/usage-error.ts";
import { parseEnumName } from "../text/enum-name.ts";
import { deploymentColumns } from "./deployment-columns.ts";
import { pageSizeFor } from "./page-size-for.ts";

interface DeploymentsFlags {
  readonly deploymentId?: string;
  readonly environment?: string;
  readonly service?: string;
  readonly state?: DeploymentState;
  readonly limit?: number;
  readonly pageSize?: number;
}

/** Adds `deployments`: shows one deployment, or lists them. */
export function defineDeployments(program: Command, perform: Perform): void {
  const command = program
    .command("deployments")
    .description("list deployments, newest first, or show one")
    .option("--deployment-id <id>", "show this deployment with all its fields", parseId)
    .option("--environment <text>", "only deployments to this environment")
    .option("--service <text>", "only deployments of this service")
    .option("--state <state>", "only deployments in this state", parseEnumName(DeploymentStateSchema))
    .option("--limit <number>", "maximum number of deployments to list", parseCount)
    .option("--page-size <number>", "deployments per call, at most 1000", parseCount)
    .action((flags: DeploymentsFlags) => perform(command, (context) => deployments(context, flags)));
}

async function deployments(context: CommandContext, flags: DeploymentsFlags): Promise<ExitCode> {
  const { deploymentId, ...others } = flags;
  if (deploymentId === undefined) return list(context, others);
  if (Object.keys(others).length > 0) throw new UsageError("--deployment-id cannot be combined with filters.");
  const { client, timeoutMs } = context;
  await writeFields(context, DeploymentSchema, await client.getDeployment({ deploymentId }, { timeoutMs }));
  return 0;
}

async function list(context: CommandContext, flags: DeploymentsFlags): Promise<ExitCode> {
  const { environment = "", service = "", state = DeploymentState.UNSPECIFIED } = flags;
  const { limit = Number.POSITIVE_INFINITY } = flags;
  const { client, timeoutMs, output } = context;
  const write = messageWriter(context, DeploymentSchema, deploymentColumns);
  const request = { pageSize: pageSizeFor(flags), filter: { environment, service, state } };
  let written = 0;
  for await (const deployment of client.listDeployments(request, { timeoutMs, signal: output.closed })) {
    await write(deployment);
    written += 1;
    if (written >= limit) break;
  }
  return 0;
}
