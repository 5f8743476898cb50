import {
  ActivityEventsError,
  type Event,
  type EventFrame,
  type FollowItem,
  type StreamRequest,
} from "@activity-events/client";
import { EventSchema } from "@activity-events/proto/activityevents/v1/event_pb.js";
import type { Command } from "commander";
import { chooseId } from "../flags/choose-id.ts";
import { addFilterFlags, type FilterFlags, filterOf } from "../flags/filter-flags.ts";
import { parseId, parseSequence } from "../flags/parse-flags.ts";
import { messageWriter, writeList } from "../output/message-writer.ts";
import { type CommandContext, type Perform, reach } from "../program/command-context.ts";
import { type ExitCode, exitCodeOf } from "../program/exit-code.ts";
import { UsageError } from "../program/usage-error.ts";
import { eventColumns } from "./event-columns.ts";
import { addMatchFlags, type EventMatch, eventMatch, type MatchFlags, matching } from "./event-match.ts";
import { tailAll } from "./tail-all.ts";
import { tellConnection } from "./tell-connection.ts";
import { tellIfNone } from "./tell-if-none.ts";

interface TailFlags extends FilterFlags, MatchFlags {
  readonly deploymentId?: string;
  readonly afterSequence?: bigint;
  readonly environment?: string;
  readonly service?: string;
  readonly fromStart?: true;
  readonly follow: boolean;
}

/** Adds `tail`: shows the events of one deployment, then new ones as they arrive; or new ones of all. */
export function defineTail(program: Command, perform: Perform): void {
  const command = program
    .command("tail")
    .description(
      "show the events of a deployment and follow new ones, or new ones of all; reconnects without losing any",
    )
    .argument("[deployment-id]", "id of the deployment, which may not exist yet; without one: all", parseId)
    .option("-d, --deployment-id <id>", "the same by a flag", parseId)
    .option("--after-sequence <sequence>", "only events after this sequence (default: 0)", parseSequence)
    .option("--environment <text>", "of all deployments: only those to this environment")
    .option("--service <text>", "of all deployments: only those of this service")
    .option("--from-start", "of all deployments: begin with what is recorded")
    .option("--no-follow", "exit after the events recorded so far");
  addMatchFlags(addFilterFlags(command))
    .addHelpText(
      "after",
      "\nExamples:\n  activity_client tail release-42\n  activity_client tail --environment production",
    )
    .action((id: string | undefined, flags: TailFlags) => perform(command, (context) => tail(context, id, flags)));
}

async function tail(context: CommandContext, id: string | undefined, flags: TailFlags): Promise<ExitCode> {
  const { environment, service, fromStart } = flags;
  const matches = eventMatch(flags);
  const filter = filterOf(flags);
  if (id === undefined && flags.deploymentId === undefined) {
    if (flags.afterSequence !== undefined) throw new UsageError("--after-sequence needs the id of a deployment.");
    const from = fromStart || !flags.follow ? "start" : "heads";
    await reach(context);
    return tailAll(context, { environment, service, from, filter, follow: flags.follow }, matches);
  }
  const deploymentId = chooseId("deployment", id, flags.deploymentId);
  if (environment !== undefined || service !== undefined || fromStart !== undefined) {
    throw new UsageError("The id of a deployment cannot be combined with --environment, --service and --from-start.");
  }
  const request = { deploymentId, afterSequence: flags.afterSequence ?? 0n, filter };
  await reach(context);
  return flags.follow ? follow(context, request, matches) : readHistory(context, request, matches);
}

type TailRequest = Omit<StreamRequest, "$typeName" | "$unknown" | "follow">;

async function follow(context: CommandContext, request: TailRequest, matches: EventMatch): Promise<ExitCode> {
  const { client, output, complain, explain } = context;
  let isWaiting = false;
  const { write, flush } = messageWriter(context, EventSchema, eventColumns(context));
  const tell = tellConnection(context);
  const whenGone = async (error: unknown): Promise<ExitCode> => {
    if (!(error instanceof ActivityEventsError) || error.code !== "NOT_FOUND") throw error;
    await flush();
    // A deployment that never was is waited for.
    if (error.reason === "DEPLOYMENT_NOT_FOUND") complain(`The deployment "${request.deploymentId}" was deleted.`);
    else complain(await explain(error));
    return exitCodeOf(error);
  };
  const shown = async (item: FollowItem) => {
    if (item.kind === "event") {
      if (matches?.(item.event) !== false) await write(item.event);
      return;
    }
    // After the history rows come one by one.
    await flush({ isLive: true });
    if (item.kind === "caughtUp" && item.headSequence === 0n && !isWaiting) {
      isWaiting = true;
      complain(`There is no deployment "${request.deploymentId}" yet; waiting for its first event.`);
    }
    tell(item);
  };
  try {
    for await (const item of client.followEvents(request, { signal: output.closed })) await shown(item);
    return 0;
  } catch (error) {
    return await whenGone(error);
  }
}

async function readHistory(context: CommandContext, request: TailRequest, matches: EventMatch): Promise<ExitCode> {
  const { client, output } = context;
  const writer = messageWriter(context, EventSchema, eventColumns(context));
  const frames = client.streamEvents(request, { signal: output.closed });
  tellIfNone(context, "events", await writeList(matching(eventsOf(frames), matches), writer));
  return 0;
}

async function* eventsOf(frames: AsyncIterable<EventFrame>): AsyncGenerator<Event> {
  for await (const frame of frames) if (frame.case === "events") yield* frame.value.events;
}
