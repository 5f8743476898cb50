import { ActivityEventsError } from "@activity-events/client";
import { type Event, EventSchema } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import type { CommandContext } from "../program/command-context.ts";
import type { ExitCode } from "../program/exit-code.ts";
import { SpoolFolder } from "../spool/spool-folder.ts";
import { addResultWriter } from "./add-result-writer.ts";

/** Longest time that an event may hold up the command that `run` runs, in ms. */
const patienceMs = 2_000;

/** Codes of failures that say nothing about the event. */
const passingCodes = new Set(["UNAVAILABLE", "DEADLINE_EXCEEDED", "RESOURCE_EXHAUSTED"]);

/**
 * Records an event from within a command that `run` runs. Where the service is away, the event goes to the spool, and nothing fails: a
 * script with `set -e` must not end halfway through a deployment for its log.
 */
export async function addInRun(context: CommandContext, init: MessageInitShape<typeof EventSchema>): Promise<ExitCode> {
  const event = create(EventSchema, init);
  const timeoutMs = Math.min(context.timeoutMs, patienceMs);
  const endMs = performance.now() + timeoutMs;
  try {
    await context.client.connect({ timeoutMs });
    const leftMs = Math.max(1, endMs - performance.now());
    const result = await context.client.createEvent({ event }, { timeoutMs: leftMs });
    await addResultWriter(context)(result);
  } catch (error) {
    if (!(error instanceof ActivityEventsError) || !passingCodes.has(error.code)) throw error;
    await keep(context, event, error);
  }
  return 0;
}

async function keep(context: CommandContext, event: Event, error: ActivityEventsError): Promise<void> {
  const { config, connection, complain, explain } = context;
  const { deploymentId } = event;
  const why = await explain(error);
  try {
    if (config.stateFolder === undefined) throw new Error("XDG_STATE_HOME is not set, and this account has no home");
    const spool = await new SpoolFolder(config.stateFolder).create({ service: connection, deploymentId, by: "add" });
    await spool.append([event]);
    complain(
      `warning: not recorded yet: ${why}\n  The event is kept, and sent by run around this command, or by the next run, add or flush.`,
    );
  } catch (failure) {
    complain(
      `warning: not recorded: ${why}\n  The event is lost, since it could not be kept: ${(failure as Error).message}`,
    );
  }
}
