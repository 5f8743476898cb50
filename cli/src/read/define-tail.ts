import type { Event, EventFrame, StreamRequest } from "@activity-events/client";
import { EventSchema } from "@activity-events/proto/activityevents/v1/event_pb.js";
import type { Command } from "commander";
import { chooseId } from "../flags/choose-id.ts";
import { addFilterFlags, type FilterFlags, filterOf } from "../flags/filter-flags.ts";
import { parseId, parseSequence } from "../flags/parse-flags.ts";
import { messageWriter, writeList } from "../output/message-writer.ts";
import { type CommandContext, type Perform, reach } from "../program/command-context.ts";
import type { ExitCode } from "../program/exit-code.ts";
import { eventColumns } from "./event-columns.ts";
import { addMatchFlags, type EventMatch, eventMatch, type MatchFlags, matching } from "./event-match.ts";
import { tellConnection } from "./tell-connection.ts";

interface TailFlags extends FilterFlags, MatchFlags {
  readonly deploymentId?: string;
  readonly afterSequence?: bigint;
  readonly follow: boolean;
}

/** Adds `tail`: shows the events of one deployment, then new ones as they arrive. */
export function defineTail(program: Command, perform: Perform): void {
  const command = program
    .command("tail")
    .description("show the events of a deployment and follow new ones; reconnects without losing any")
    .argument("[deployment-id]", "id of the deployment, which may not exist yet", parseId)
    .option("-d, --deployment-id <id>", "the same by a flag", parseId)
    .option("--after-sequence <sequence>", "only events after this sequence (default: 0)", parseSequence)
    .option("--no-follow", "exit after the events recorded so far");
  addMatchFlags(addFilterFlags(command))
    .addHelpText("after", "\nExample:\n  activity_client tail release-42")
    .action((id: string | undefined, flags: TailFlags) => perform(command, (context) => tail(context, id, flags)));
}

async function tail(context: CommandContext, id: string | undefined, flags: TailFlags): Promise<ExitCode> {
  const deploymentId = chooseId("deployment", id, flags.deploymentId);
  const request = { deploymentId, afterSequence: flags.afterSequence ?? 0n, filter: filterOf(flags) };
  await reach(context);
  const matches = eventMatch(flags);
  return flags.follow ? follow(context, request, matches) : readHistory(context, request, matches);
}

type TailRequest = Omit<StreamRequest, "$typeName" | "$unknown" | "follow">;

async function follow(context: CommandContext, request: TailRequest, matches: EventMatch): Promise<ExitCode> {
  const { client, output, complain } = context;
  let isWaiting = false;
  const { write, flush } = messageWriter(context, EventSchema, eventColumns(context));
  const tell = tellConnection(context);
  for await (const item of client.followEvents(request, { signal: output.closed })) {
    if (item.kind === "event") {
      if (matches?.(item.event) !== false) await write(item.event);
      continue;
    }
    // After the history rows come one by one.
    await flush({ isLive: true });
    if (item.kind === "caughtUp" && item.headSequence === 0n && !isWaiting) {
      isWaiting = true;
      complain(`There is no deployment "${request.deploymentId}" yet; waiting for its first event.`);
    }
    tell(item);
  }
  return 0;
}

async function readHistory(context: CommandContext, request: TailRequest, matches: EventMatch): Promise<ExitCode> {
  const { client, output } = context;
  const writer = messageWriter(context, EventSchema, eventColumns(context));
  const frames = client.streamEvents(request, { signal: output.closed });
  await writeList(matching(eventsOf(frames), matches), writer);
  return 0;
}

async function* eventsOf(frames: AsyncIterable<EventFrame>): AsyncGenerator<Event> {
  for await (const frame of frames) if (frame.case === "events") yield* frame.value.events;
}
