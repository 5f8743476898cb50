import { type DeploymentState, DeploymentStateSchema } from "@activity-events/proto/activityevents/v1/deployment_pb.js";
import type { Command } from "commander";
import { orExplained } from "../admin/explain-admin-error.ts";
import { enumOption } from "../flags/enum-option.ts";
import { parseFile, parseId } from "../flags/parse-flags.ts";
import type { Perform } from "../program/command-context.ts";
import { exportTo } from "./export-to.ts";

interface ExportFlags {
  readonly environment?: string;
  readonly service?: string;
  readonly state?: DeploymentState;
}

const help = `
Writes one CloudEvent a line: the keys of redactions, each deployment and its
events, and the end. Deleted and purged deployments are among them; purged ones
only without a filter. FILE is replaced once it is whole, readable by its owner
only: keep it like the store. Needs the role admin, or the service's admin token.

Example:
  activity_client export | activity_client import --address other:50051`;

/** Adds `export`: writes all that a store holds. */
export function defineExport(program: Command, perform: Perform): void {
  const command = program
    .command("export")
    .description("write all deployments and events as lines for import")
    .argument("[file]", "file to write; - or none writes to standard output", parseFile)
    .option("-e, --environment <name>", "only deployments of this environment", parseId)
    .option("--service <name>", "only deployments of this service", parseId)
    .addOption(enumOption("--state <state>", "only deployments in this state", DeploymentStateSchema))
    .addHelpText("after", help)
    .action((file: string | undefined, filter: ExportFlags) =>
      perform(command, (context) =>
        orExplained(context, () => exportTo(context, file === "-" ? undefined : file, filter)),
      ),
    );
}
