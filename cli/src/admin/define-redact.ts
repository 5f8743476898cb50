import { escapeControls } from "@activity-events/client";
import {
  type RedactEventResponse,
  RedactEventResponseSchema,
} from "@activity-events/proto/activityevents/v1/activity_events_admin_service_pb.js";
import type { Command } from "commander";
import { chooseId } from "../flags/choose-id.ts";
import { parseId } from "../flags/parse-flags.ts";
import { jsonLine } from "../output/json-line.ts";
import { writeRows } from "../output/write-fields.ts";
import type { CommandContext, Perform } from "../program/command-context.ts";
import type { ExitCode } from "../program/exit-code.ts";
import { demandConsent, isConfirmed } from "./consent.ts";
import { orExplained } from "./explain-admin-error.ts";

interface RedactFlags {
  readonly deploymentId?: string;
  readonly eventId?: string;
  readonly reason?: string;
  readonly allFields?: true;
  readonly dryRun?: true;
  readonly yes?: true;
}

const help = `
Empties message, data, labels, actor, url and source of the event for good, and
records an event of the type activityevents.redacted that names it. The event
keeps its place, its times, its type, outcome and severity, and what was
deployed where. Needs the role admin, or the service's admin token.

What else may hold a copy: see docs/data-protection.md.

Example:
  activity_client redact release-42 build-7 --reason "held a password"`;

/** Adds `redact`: empties one event. */
export function defineRedact(program: Command, perform: Perform): void {
  const command = program
    .command("redact")
    .description("empty one event for good; it keeps its place")
    .argument("[deployment-id]", "id of the deployment", parseId)
    .argument("[event-id]", "id of the event", parseId)
    .option("-d, --deployment-id <id>", "the same by a flag", parseId)
    .option("-e, --event-id <id>", "the same by a flag", parseId)
    .option("--reason <text>", "why, for everybody who reads the log; must not repeat what is emptied")
    .option("--all-fields", "empty environment, service, revision, commit and principal, too")
    .option("--dry-run", "show what would be emptied, and do nothing")
    .option("-y, --yes", "do not ask")
    .addHelpText("after", help)
    .action((deploymentId: string | undefined, eventId: string | undefined, flags: RedactFlags) =>
      perform(command, (context) => redact(context, { deploymentId, eventId }, flags)),
    );
}

interface GivenIds {
  readonly deploymentId: string | undefined;
  readonly eventId: string | undefined;
}

async function redact(context: CommandContext, given: GivenIds, flags: RedactFlags): Promise<ExitCode> {
  const deploymentId = chooseId("deployment", given.deploymentId, flags.deploymentId);
  const eventId = chooseId("event", given.eventId, flags.eventId);
  const { reason = "", allFields = false, dryRun = false, yes } = flags;
  if (!dryRun) demandConsent(context, "redact", yes);
  const { timeoutMs } = context;
  const request = { deploymentId, eventId, reason, allFields };
  const { admin } = context.admin();
  return orExplained(context, async () => {
    if (!dryRun && !yes) {
      const { emptiedFields: fields } = await admin.redactEvent({ ...request, dryRun: true }, { timeoutMs });
      const question = `Empty ${fields.join(", ")} of the event ${eventId} of ${deploymentId} for good?`;
      if (fields.length > 0 && !(await isConfirmed(context, escapeControls(question), yes))) return 1;
    }
    await show(context, await admin.redactEvent({ ...request, dryRun }, { timeoutMs }), dryRun);
    return 0;
  });
}

async function show({ json, output }: CommandContext, answer: RedactEventResponse, dryRun: boolean): Promise<void> {
  if (json) return output.line(jsonLine(RedactEventResponseSchema, answer));
  const { event, emptiedFields, notice } = answer;
  const done = dryRun ? "would be redacted" : "redacted";
  await writeRows(output, [
    { field: "deployment_id", value: event?.deploymentId ?? "" },
    { field: "event_id", value: event?.eventId ?? "" },
    { field: "sequence", value: String(event?.sequence ?? "") },
    { field: "result", value: emptiedFields.length === 0 ? "nothing to redact" : done },
    { field: "emptied_fields", value: emptiedFields.join(", ") },
    ...(notice === undefined || dryRun ? [] : [{ field: "notice_sequence", value: String(notice.sequence) }]),
  ]);
}
