import {
  DeleteDeploymentResponseSchema,
  UndeleteDeploymentResponseSchema,
} from "@activity-events/proto/activityevents/v1/activity_events_admin_service_pb.js";
import type { Command } from "commander";
import { parseIds } from "../flags/parse-flags.ts";
import { jsonLine } from "../output/json-line.ts";
import type { CommandContext, Perform } from "../program/command-context.ts";
import { chooseIds } from "./choose-ids.ts";
import { type Edited, editEach } from "./edit-each.ts";

interface DeleteFlags {
  readonly deploymentId?: readonly string[];
  readonly dryRun?: boolean;
}

const needs = "Needs the role admin, or the service's admin token.";

/** Adds `delete`: hides deployments. */
export function defineDelete(program: Command, perform: Perform): void {
  const command = withIds(program.command("delete"))
    .description("hide deployments from lists, watches and reads, until undelete")
    .addHelpText(
      "after",
      `\nTheir events stay, and new ones are refused.\n${needs}\n\nExample:\n  activity_client delete release-42`,
    )
    .action((given: readonly string[], flags: DeleteFlags) =>
      perform(command, async (context) => {
        const ids = chooseIds(given, flags.deploymentId);
        return (await editEach(context, { ids, done: "deleted", edit: deleting(context, flags) })).exitCode;
      }),
    );
}

/** Adds `undelete`: shows deleted deployments again. */
export function defineUndelete(program: Command, perform: Perform): void {
  const command = withIds(program.command("undelete"))
    .description("show deleted deployments again")
    .addHelpText(
      "after",
      `\nShow which are deleted: activity_client deployments --show-deleted.\n${needs}\n\nExample:\n  activity_client undelete release-42`,
    )
    .action((given: readonly string[], flags: DeleteFlags) =>
      perform(command, async (context) => {
        const ids = chooseIds(given, flags.deploymentId);
        return (await editEach(context, { ids, done: "undeleted", edit: undeleting(context, flags) })).exitCode;
      }),
    );
}

function withIds(command: Command): Command {
  return command
    .argument("[deployment-ids...]", "ids of the deployments", parseIds)
    .option("-d, --deployment-id <id>", "the same by a flag; repeatable", parseIds)
    .option("--dry-run", "show what would be done, and do nothing");
}

type EditOne = (deploymentId: string, signal: AbortSignal) => Promise<Edited>;

function deleting({ admin, timeoutMs }: CommandContext, { dryRun = false }: DeleteFlags): EditOne {
  return async (deploymentId, signal) => {
    const answer = await admin().admin.deleteDeployment({ deploymentId, dryRun }, { timeoutMs, signal });
    const done = dryRun ? "would be deleted" : "deleted";
    const result = answer.alreadyDeleted ? "was deleted before" : done;
    const events = answer.deployment?.headSequence ?? 0n;
    return {
      deploymentId,
      events,
      result,
      isUnchanged: answer.alreadyDeleted,
      json: jsonLine(DeleteDeploymentResponseSchema, answer),
    };
  };
}

function undeleting({ admin, timeoutMs }: CommandContext, { dryRun = false }: DeleteFlags): EditOne {
  return async (deploymentId, signal) => {
    const answer = await admin().admin.undeleteDeployment({ deploymentId, dryRun }, { timeoutMs, signal });
    const done = dryRun ? "would be undeleted" : "undeleted";
    const result = answer.alreadyKept ? "was not deleted" : done;
    const events = answer.deployment?.headSequence ?? 0n;
    return {
      deploymentId,
      events,
      result,
      isUnchanged: answer.alreadyKept,
      json: jsonLine(UndeleteDeploymentResponseSchema, answer),
    };
  };
}
