import { EventOrder, EventOrderSchema } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { EventSchema } from "@activity-events/proto/activityevents/v1/event_pb.js";
import type { Command } from "commander";
import { addFilterFlags, type FilterFlags, filterOf } from "../flags/filter-flags.ts";
import { parseCount, parseId } from "../flags/parse-flags.ts";
import { messageWriter } from "../output/message-writer.ts";
import type { CommandContext, Perform } from "../program/command-context.ts";
import type { ExitCode } from "../program/exit-code.ts";
import { parseEnumName } from "../text/enum-name.ts";
import { eventColumns } from "./event-columns.ts";
import { pageSizeFor } from "./page-size-for.ts";

interface ListFlags extends FilterFlags {
  readonly deploymentId: string;
  readonly limit?: number;
  readonly pageSize?: number;
  readonly orderBy?: EventOrder;
}

/** Adds `list`: lists the events of one deployment. */
export function defineList(program: Command, perform: Perform): void {
  const command = program
    .command("list")
    .description("list the events of a deployment")
    .requiredOption("--deployment-id <id>", "id of the deployment", parseId)
    .option("--limit <number>", "maximum number of events to list", parseCount)
    .option("--page-size <number>", "events per call, at most 1000", parseCount)
    .option(
      "--order-by <order>",
      "sequence_ascending (default) or sequence_descending",
      parseEnumName(EventOrderSchema),
    );
  addFilterFlags(command).action((flags: ListFlags) => perform(command, (context) => list(context, flags)));
}

async function list(context: CommandContext, flags: ListFlags): Promise<ExitCode> {
  const { client, timeoutMs, output, paint } = context;
  const { deploymentId, orderBy = EventOrder.UNSPECIFIED, limit = Number.POSITIVE_INFINITY } = flags;
  const write = messageWriter(context, EventSchema, eventColumns(paint));
  const events = client.listEvents(
    { deploymentId, orderBy, pageSize: pageSizeFor(flags), filter: filterOf(flags) },
    { timeoutMs, signal: output.closed },
  );
  let written = 0;
  for await (const event of events) {
    await write(event);
    written += 1;
    if (written >= limit) break;
  }
  return 0;
}
