import { EventSchema } from "@activity-events/proto/activityevents/v1/event_pb.js";
import type { Command } from "commander";
import { parseId } from "../flags/parse-flags.ts";
import { writeFields } from "../output/write-fields.ts";
import type { CommandContext, Perform } from "../program/command-context.ts";
import type { ExitCode } from "../program/exit-code.ts";

interface GetFlags {
  readonly deploymentId: string;
  readonly eventId: string;
}

/** Adds `get`: shows one event with all its fields. */
export function defineGet(program: Command, perform: Perform): void {
  const command = program
    .command("get")
    .description("show one event with all its fields")
    .requiredOption("--deployment-id <id>", "id of the deployment", parseId)
    .requiredOption("--event-id <id>", "id of the event", parseId)
    .action((flags: GetFlags) => perform(command, (context) => get(context, flags)));
}

async function get(context: CommandContext, { deploymentId, eventId }: GetFlags): Promise<ExitCode> {
  const { client, timeoutMs } = context;
  await writeFields(context, EventSchema, await client.getEvent({ deploymentId, eventId }, { timeoutMs }));
  return 0;
}
