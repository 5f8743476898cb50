import { EventSchema } from "@activity-events/proto/activityevents/v1/event_pb.js";
import type { Command } from "commander";
import { addFilterFlags, type FilterFlags, filterOf } from "../flags/filter-flags.ts";
import { parseId, parseSequence } from "../flags/parse-flags.ts";
import { messageWriter } from "../output/message-writer.ts";
import { type CommandContext, type Perform, reach } from "../program/command-context.ts";
import type { ExitCode } from "../program/exit-code.ts";
import { eventColumns } from "./event-columns.ts";
import { tellConnection } from "./tell-connection.ts";

interface TailFlags extends FilterFlags {
  readonly deploymentId: string;
  readonly afterSequence?: bigint;
  readonly follow: boolean;
}

/** Adds `tail`: shows the events of one deployment, then new ones as they arrive. */
export function defineTail(program: Command, perform: Perform): void {
  const command = program
    .command("tail")
    .description("show the events of a deployment and follow new ones; reconnects without losing any")
    .requiredOption("--deployment-id <id>", "id of the deployment, which may not exist yet", parseId)
    .option("--after-sequence <sequence>", "only events after this sequence (default: 0)", parseSequence)
    .option("--no-follow", "exit after the events recorded so far");
  addFilterFlags(command).action((flags: TailFlags) => perform(command, (context) => tail(context, flags)));
}

async function tail(context: CommandContext, flags: TailFlags): Promise<ExitCode> {
  await reach(context);
  return flags.follow ? follow(context, flags) : readHistory(context, flags);
}

async function follow(context: CommandContext, flags: TailFlags): Promise<ExitCode> {
  const { client, output, paint, complain } = context;
  const { deploymentId, afterSequence = 0n } = flags;
  let isWaiting = false;
  const write = messageWriter(context, EventSchema, eventColumns(paint));
  const tell = tellConnection(context);
  const request = { deploymentId, afterSequence, filter: filterOf(flags) };
  for await (const item of client.followEvents(request, { signal: output.closed })) {
    if (item.kind === "event") await write(item.event);
    else if (item.kind === "caughtUp" && item.headSequence === 0n && !isWaiting) {
      isWaiting = true;
      complain(`There is no deployment "${deploymentId}" yet; waiting for its first event.`);
    } else tell(item);
  }
  return 0;
}

async function readHistory(context: CommandContext, flags: TailFlags): Promise<ExitCode> {
  const { client, output, paint } = context;
  const { deploymentId, afterSequence = 0n } = flags;
  const write = messageWriter(context, EventSchema, eventColumns(paint));
  const request = { deploymentId, afterSequence, filter: filterOf(flags) };
  for await (const frame of client.streamEvents(request, { signal: output.closed })) {
    if (frame.case !== "events") continue;
    for (const event of frame.value.events) await write(event);
  }
  return 0;
}
