import { isEmptied } from "@activity-events/client/internal";
import { EventSchema } from "@activity-events/proto/activityevents/v1/event_pb.js";
import type { Command } from "commander";
import { chooseId } from "../flags/choose-id.ts";
import { parseId } from "../flags/parse-flags.ts";
import { writeFields } from "../output/write-fields.ts";
import type { CommandContext, Perform } from "../program/command-context.ts";
import type { ExitCode } from "../program/exit-code.ts";

interface GetFlags {
  readonly deploymentId?: string;
  readonly eventId?: string;
}

/** Adds `get`: shows one event with all its fields. */
export function defineGet(program: Command, perform: Perform): void {
  const command = program
    .command("get")
    .description("show one event with all its fields")
    .argument("[deployment-id]", "id of the deployment", parseId)
    .argument("[event-id]", "id of the event", parseId)
    .option("-d, --deployment-id <id>", "the same by a flag", parseId)
    .option("-e, --event-id <id>", "the same by a flag", parseId)
    .addHelpText("after", "\nExample:\n  activity_client get release-42 half-way")
    .action((deploymentId: string | undefined, eventId: string | undefined, flags: GetFlags) =>
      perform(command, (context) => get(context, { deploymentId, eventId }, flags)),
    );
}

type GivenIds = { readonly [Name in keyof GetFlags]: string | undefined };

async function get(context: CommandContext, given: GivenIds, flags: GetFlags): Promise<ExitCode> {
  const deploymentId = chooseId("deployment", given.deploymentId, flags.deploymentId);
  const eventId = chooseId("event", given.eventId, flags.eventId);
  const { client, timeoutMs, complain } = context;
  const event = await client.getEvent({ deploymentId, eventId }, { timeoutMs });
  await writeFields(context, EventSchema, event);
  if (isEmptied(event)) complain("The event was redacted: what it said is gone.");
  return 0;
}
