import { DeploymentStateSchema } from "@activity-events/proto/activityevents/v1/deployment_pb.js";
import { OutcomeSchema } from "@activity-events/proto/activityevents/v1/event_pb.js";
import type { Command } from "commander";
import { enumOption } from "../flags/enum-option.ts";
import { parseId, parseIds } from "../flags/parse-flags.ts";
import type { CommandContext, Perform } from "../program/command-context.ts";
import type { ExitCode } from "../program/exit-code.ts";
import { UsageError } from "../program/usage-error.ts";
import { chooseIds } from "./choose-ids.ts";
import { demandConsent, isConfirmed } from "./consent.ts";
import { editEach } from "./edit-each.ts";
import { type PurgeFlags, purging } from "./purging.ts";
import { wipe } from "./wipe.ts";

const help = `
Removes the events for good. What stays is the id, which never starts again, its
times, and the last sequence and history hash. Waits until the topic has what is
recorded. EVENTS counts the one that tells of the purge, too. Needs the role
admin, or the service's admin token.

With --all or a filter it purges every deployment that matches, deleted ones,
too. That is a dry run unless --yes is given; then it asks for the name of the
store, or takes it by --store without a terminal. The dry run tells the name.

What else may hold a copy: see docs/data-protection.md.

Examples:
  activity_client purge release-42 release-43
  activity_client purge --environment preview --yes --store 127.0.0.1:50051`;

/** Adds `purge`: removes deployments for good. */
export function definePurge(program: Command, perform: Perform): void {
  const command = program
    .command("purge")
    .description("remove the events of deployments for good")
    .argument("[deployment-ids...]", "ids of the deployments", parseIds)
    .option("-d, --deployment-id <id>", "the same by a flag; repeatable", parseIds)
    .option("--all", "every deployment of the store")
    .option("--environment <text>", "every deployment to this environment", parseId)
    .option("--service <text>", "every deployment of this service", parseId)
    .addOption(enumOption("--state <state>", "every deployment in this state", DeploymentStateSchema))
    .addOption(enumOption("-o, --outcome <outcome>", "every deployment with this outcome", OutcomeSchema))
    .option("--prefix <text>", "every deployment whose id starts with this", parseId)
    .option("--store <name>", "name of the store, to confirm --all or a filter", parseId)
    .option("--reason <text>", "why, for the subscribers of the topic")
    .option("--force", "do not wait for the topic, which then lacks the last events")
    .option("--no-older-instances", "no instance of a version without purge runs; required on Firestore")
    .option("--dry-run", "show what would be purged, and do nothing")
    .option("-y, --yes", "do not ask")
    .addHelpText("after", help)
    .action((given: readonly string[], flags: PurgeFlags) =>
      perform(command, (context) => purge(context, given, flags)),
    );
}

async function purge(context: CommandContext, given: readonly string[], flags: PurgeFlags): Promise<ExitCode> {
  const { all, environment, service, state, outcome, prefix, store, dryRun = false, yes } = flags;
  const filters = [environment, service, state, outcome, prefix].filter((filter) => filter !== undefined);
  if (all && filters.length > 0) throw new UsageError("--all purges every deployment; it excludes filters.");
  if (all || filters.length > 0) {
    if (given.length > 0 || flags.deploymentId !== undefined) {
      throw new UsageError("The ids of deployments cannot be combined with --all and filters.");
    }
    return wipe(context, flags);
  }
  if (store !== undefined)
    throw new UsageError("--store confirms --all or a filter; deployments by their ids need --yes.");
  const ids = chooseIds(given, flags.deploymentId);
  if (dryRun) return (await editEach(context, purging(context, ids, flags, true))).exitCode;
  demandConsent(context, "purge", yes);
  if (!yes) {
    const would = await editEach(context, purging(context, ids, flags, true));
    if (would.exitCode !== 0) return would.exitCode;
    const what = ids.length === 1 ? ids[0] : `${ids.length} deployments`;
    if (!(await isConfirmed(context, `Purge ${what} with ${would.events} events for good?`, yes))) return 1;
  }
  return (await editEach(context, purging(context, ids, flags, false))).exitCode;
}
