import {
  DeploymentSchema,
  DeploymentState,
  DeploymentStateSchema,
} from "@activity-events/proto/activityevents/v1/deployment_pb.js";
import type { Command } from "commander";
import { chooseId } from "../flags/choose-id.ts";
import { enumOption } from "../flags/enum-option.ts";
import { parseCount, parseId } from "../flags/parse-flags.ts";
import { messageWriter, writeList } from "../output/message-writer.ts";
import { writeFields } from "../output/write-fields.ts";
import type { CommandContext, Perform } from "../program/command-context.ts";
import type { ExitCode } from "../program/exit-code.ts";
import { UsageError } from "../program/usage-error.ts";
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
    .argument("[deployment-id]", "show this deployment with all its fields", parseId)
    .option("-d, --deployment-id <id>", "the same by a flag", parseId)
    .option("--environment <text>", "only deployments to this environment")
    .option("--service <text>", "only deployments of this service")
    .addOption(enumOption("--state <state>", "only deployments in this state", DeploymentStateSchema))
    .option("-n, --limit <number>", "maximum number of deployments to list", parseCount)
    .option("--page-size <number>", "deployments per call, at most 1000", parseCount)
    .addHelpText("after", "\nExample:\n  activity_client deployments --environment production --limit 10")
    .action((id: string | undefined, flags: DeploymentsFlags) =>
      perform(command, (context) => deployments(context, id, flags)),
    );
}

async function deployments(
  context: CommandContext,
  id: string | undefined,
  { deploymentId: flag, ...others }: DeploymentsFlags,
): Promise<ExitCode> {
  if (id === undefined && flag === undefined) return list(context, others);
  const deploymentId = chooseId("deployment", id, flag);
  if (Object.keys(others).length > 0) throw new UsageError("The id of a deployment cannot be combined with filters.");
  const { client, timeoutMs } = context;
  await writeFields(context, DeploymentSchema, await client.getDeployment({ deploymentId }, { timeoutMs }));
  return 0;
}

async function list(context: CommandContext, flags: DeploymentsFlags): Promise<ExitCode> {
  const { environment = "", service = "", state = DeploymentState.UNSPECIFIED } = flags;
  const { client, timeoutMs, output } = context;
  const writer = messageWriter(context, DeploymentSchema, deploymentColumns(context));
  const request = { pageSize: pageSizeFor(flags), filter: { environment, service, state } };
  await writeList(client.listDeployments(request, { timeoutMs, signal: output.closed }), writer, flags.limit);
  return 0;
}
