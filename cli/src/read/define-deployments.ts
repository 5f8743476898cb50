import {
  type Deployment,
  DeploymentSchema,
  DeploymentState,
  DeploymentStateSchema,
} from "@activity-events/proto/activityevents/v1/deployment_pb.js";
import { type Outcome, OutcomeSchema } from "@activity-events/proto/activityevents/v1/event_pb.js";
import type { Command } from "commander";
import { orExplained } from "../admin/explain-admin-error.ts";
import { chooseId } from "../flags/choose-id.ts";
import { enumOption } from "../flags/enum-option.ts";
import { parseCount, parseId } from "../flags/parse-flags.ts";
import { messageWriter, writeList } from "../output/message-writer.ts";
import { writeFields } from "../output/write-fields.ts";
import type { CommandContext, Perform } from "../program/command-context.ts";
import type { ExitCode } from "../program/exit-code.ts";
import { UsageError } from "../program/usage-error.ts";
import { deploymentColumns } from "./deployment-columns.ts";
import { matching } from "./event-match.ts";
import { pageSizeFor } from "./page-size-for.ts";
import { tellIfNone } from "./tell-if-none.ts";
import { watchList } from "./watch-list.ts";

interface DeploymentsFlags {
  readonly deploymentId?: string;
  readonly environment?: string;
  readonly service?: string;
  readonly state?: DeploymentState;
  readonly outcome?: Outcome;
  readonly limit?: number;
  readonly pageSize?: number;
  readonly watch?: true;
  readonly showDeleted?: boolean;
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
    .addOption(
      enumOption(
        "-o, --outcome <outcome>",
        "only deployments with this outcome; checked by this command",
        OutcomeSchema,
      ),
    )
    .option("-n, --limit <number>", "maximum number of deployments to list", parseCount)
    .option("--page-size <number>", "deployments per call, at most 1000", parseCount)
    .option("-w, --watch", "go on: show each again that changes")
    .option("--show-deleted", "with deleted and purged ones; needs the role admin")
    .addHelpText(
      "after",
      "\nExamples:\n  activity_client deployments --environment production --outcome failure\n  activity_client deployments --watch",
    )
    .action((id: string | undefined, flags: DeploymentsFlags) =>
      perform(command, (context) =>
        flags.showDeleted
          ? orExplained(context, () => deployments({ ...context, client: context.admin() }, id, flags))
          : deployments(context, id, flags),
      ),
    );
}

async function deployments(
  context: CommandContext,
  id: string | undefined,
  { deploymentId: flag, showDeleted = false, ...others }: DeploymentsFlags,
): Promise<ExitCode> {
  if (id === undefined && flag === undefined) return list(context, { ...others, showDeleted });
  const deploymentId = chooseId("deployment", id, flag);
  if (Object.keys(others).length > 0) throw new UsageError("The id of a deployment cannot be combined with filters.");
  const { client, timeoutMs } = context;
  await writeFields(
    context,
    DeploymentSchema,
    await client.getDeployment({ deploymentId, showDeleted }, { timeoutMs }),
  );
  return 0;
}

type ListFlags = Omit<DeploymentsFlags, "showDeleted"> & { readonly showDeleted: boolean };

async function list(context: CommandContext, { showDeleted, ...flags }: ListFlags): Promise<ExitCode> {
  const { environment = "", service = "", state = DeploymentState.UNSPECIFIED, outcome } = flags;
  const { client, timeoutMs, output } = context;
  const match = outcome === undefined ? undefined : (each: Deployment) => each.outcome === outcome;
  if (flags.watch) {
    if (showDeleted) throw new UsageError("--watch shows no deleted deployments, so it takes no --show-deleted.");
    if (flags.limit !== undefined) throw new UsageError("--watch shows all that change, so it takes no --limit.");
    return watchList(context, { environment, service, state }, match);
  }
  const writer = messageWriter(context, DeploymentSchema, deploymentColumns({ ...context, withStanding: showDeleted }));
  const pageSize = pageSizeFor(outcome === undefined ? flags : { ...flags, limit: undefined });
  const request = { pageSize, showDeleted, filter: { environment, service, state } };
  const all = client.listDeployments(request, { timeoutMs, signal: output.closed });
  tellIfNone(context, "deployments", await writeList(matching(all, match), writer, flags.limit));
  return 0;
}
