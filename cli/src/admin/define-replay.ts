import {
  type ReplayEventsResponse,
  ReplayEventsResponseSchema,
} from "@activity-events/proto/activityevents/v1/activity_events_admin_service_pb.js";
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import type { Command } from "commander";
import { parseFilterTime, parseId, parseSequence } from "../flags/parse-flags.ts";
import { jsonLine } from "../output/json-line.ts";
import type { CommandContext, Perform } from "../program/command-context.ts";
import type { ExitCode } from "../program/exit-code.ts";
import { UsageError } from "../program/usage-error.ts";
import { counted } from "../text/counted.ts";
import { orExplained } from "./explain-admin-error.ts";

interface ReplayFlags {
  readonly from?: bigint;
  readonly to?: bigint;
  readonly since?: Timestamp;
  readonly dryRun?: boolean;
}

const help = `
Puts recorded events on the topic again, for a subscriber that has lost its state:
a range of one deployment, or with --since what all have received since a time.
They come in order and with the attribute replayed, so that other subscribers can
pass them over. Needs the role admin, or the service's admin token.

A service with its own store has no topic; activity_client forward sends the
events of any service.

Examples:
  activity_client replay release-42 --from 7 --to 12
  activity_client replay --since 2h`;

/** Adds `replay`: publishes events again. */
export function defineReplay(program: Command, perform: Perform): void {
  const command = program
    .command("replay")
    .description("put recorded events on the topic again")
    .argument("[deployment-id]", "id of the deployment; without it --since is required", parseId)
    .option("--from <sequence>", "first event (default: 1)", parseSequence)
    .option("--to <sequence>", "last event (default: the newest)", parseSequence)
    .option(
      "--since <time>",
      "of all deployments, from the first event received since then: 2h, a day, or RFC 3339",
      parseFilterTime,
    )
    .option("--dry-run", "count the events, and do nothing")
    .addHelpText("after", help)
    .action((deploymentId: string | undefined, flags: ReplayFlags) =>
      perform(command, (context) => replay(context, deploymentId, flags)),
    );
}

async function replay(
  context: CommandContext,
  deploymentId: string | undefined,
  { from: fromSequence = 0n, to: toSequence = 0n, since, dryRun = false }: ReplayFlags,
): Promise<ExitCode> {
  if (deploymentId === undefined && since === undefined) throw new UsageError("Name a deployment, or give --since.");
  if (deploymentId !== undefined && since !== undefined) {
    throw new UsageError("--since replays all deployments; it excludes the id of one.");
  }
  if (deploymentId === undefined && (fromSequence !== 0n || toSequence !== 0n)) {
    throw new UsageError("--from and --to are of one deployment; name it.");
  }
  const { json, output, complain, timeoutMs } = context;
  const { admin } = context.admin();
  const asked = deploymentId === undefined ? { receiveTimeFrom: since } : { deploymentId, fromSequence, toSequence };
  let [deployments, events] = [0n, 0n];
  return orExplained(context, async () => {
    let pageToken = "";
    do {
      const answer: ReplayEventsResponse = await admin.replayEvents({ ...asked, dryRun, pageToken }, { timeoutMs });
      if (json) await output.line(jsonLine(ReplayEventsResponseSchema, answer));
      deployments += answer.deployments;
      events += answer.events;
      pageToken = answer.nextPageToken;
    } while (pageToken !== "");
    const what = `${counted(Number(events), "event")} of ${counted(Number(deployments), "deployment")}`;
    if (!json) complain(dryRun ? `A dry run: ${what} would be published again.` : `${what} will be published again.`);
    return 0;
  });
}
