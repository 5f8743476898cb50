import { EventOrder, EventOrderSchema } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { EventSchema } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { type Command, Option } from "commander";
import { chooseId } from "../flags/choose-id.ts";
import { enumOption } from "../flags/enum-option.ts";
import { addFilterFlags, type FilterFlags, filterOf } from "../flags/filter-flags.ts";
import { parseCount, parseId } from "../flags/parse-flags.ts";
import { messageWriter, writeList } from "../output/message-writer.ts";
import type { CommandContext, Perform } from "../program/command-context.ts";
import type { ExitCode } from "../program/exit-code.ts";
import { eventColumns } from "./event-columns.ts";
import { addMatchFlags, eventMatch, type MatchFlags, matching } from "./event-match.ts";
import { pageSizeFor } from "./page-size-for.ts";
import { tellIfNone } from "./tell-if-none.ts";

interface ListFlags extends FilterFlags, MatchFlags {
  readonly deploymentId?: string;
  readonly limit?: number;
  readonly pageSize?: number;
  readonly orderBy?: EventOrder;
  readonly order?: "oldest" | "newest";
}

/** Adds `list`: lists the events of one deployment. */
export function defineList(program: Command, perform: Perform): void {
  const command = program
    .command("list")
    .description("list the events of a deployment")
    .argument("[deployment-id]", "id of the deployment", parseId)
    .option("-d, --deployment-id <id>", "the same by a flag", parseId)
    .option("-n, --limit <number>", "maximum number of events to list", parseCount)
    .option("--page-size <number>", "events per call, at most 1000", parseCount)
    .addOption(
      enumOption("--order-by <order>", "the contract's name of --order", EventOrderSchema)
        .hideHelp()
        .conflicts("order"),
    )
    .addOption(
      new Option("--order <first>", "which events come first (default: oldest)").choices(["oldest", "newest"]),
    );
  addMatchFlags(addFilterFlags(command))
    .addHelpText("after", "\nExample:\n  activity_client list release-42 --since 2h --severity-min warning")
    .action((id: string | undefined, flags: ListFlags) => perform(command, (context) => list(context, id, flags)));
}

async function list(context: CommandContext, id: string | undefined, flags: ListFlags): Promise<ExitCode> {
  const { client, timeoutMs, output } = context;
  const deploymentId = chooseId("deployment", id, flags.deploymentId);
  const { orderBy = flags.order === "newest" ? EventOrder.SEQUENCE_DESCENDING : EventOrder.UNSPECIFIED } = flags;
  const writer = messageWriter(context, EventSchema, eventColumns(context));
  const matches = eventMatch(flags);
  const events = client.listEvents(
    {
      deploymentId,
      orderBy,
      pageSize: pageSizeFor(matches === undefined ? flags : { ...flags, limit: undefined }),
      filter: filterOf(flags),
    },
    { timeoutMs, signal: output.closed },
  );
  tellIfNone(context, "events", await writeList(matching(events, matches), writer, flags.limit));
  return 0;
}
