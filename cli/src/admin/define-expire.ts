import {
  ExpireDeploymentsResponseSchema,
  type ExpiredDeployment,
  type ExpirySummary,
} from "@activity-events/proto/activityevents/v1/activity_events_admin_service_pb.js";
import type { Command } from "commander";
import type { Column } from "../output/column.ts";
import { jsonLine } from "../output/json-line.ts";
import { Table } from "../output/table.ts";
import type { CommandContext, Perform } from "../program/command-context.ts";
import type { ExitCode } from "../program/exit-code.ts";
import type { InterruptedCode } from "../program/interruption.ts";
import { timeColumn } from "../read/time-column.ts";
import { counted } from "../text/counted.ts";
import { demandConsent, isConfirmed } from "./consent.ts";
import { orExplained } from "./explain-admin-error.ts";

interface ExpireFlags {
  readonly dryRun?: boolean;
  readonly anyShare?: boolean;
  readonly olderInstances: boolean;
  readonly yes?: true;
}

const help = `
Purges the deployments whose time is over, as the service's setting RETENTION_DAYS
says: so many days after their last event, by environment. A service with its own
store does so by itself, daily; elsewhere this command runs daily. Needs the role
admin, or the service's admin token.

More than a tenth of all deployments is refused without --any-share: a clock may
be wrong, or a rule. See docs/retention.md.

Examples:
  activity_client expire --dry-run
  activity_client expire --yes --no-older-instances`;

/** Adds `expire`: purges what is over. */
export function defineExpire(program: Command, perform: Perform): void {
  const command = program
    .command("expire")
    .description("purge the deployments whose time is over")
    .option("--dry-run", "show what would be purged, and do nothing")
    .option("--any-share", "purge them however many they are")
    .option("--no-older-instances", "no instance of a version without purge runs; required on Firestore")
    .option("-y, --yes", "do not ask")
    .addHelpText("after", help)
    .action((flags: ExpireFlags) => perform(command, (context) => expire(context, flags)));
}

async function expire(context: CommandContext, { dryRun = false, yes, ...flags }: ExpireFlags): Promise<ExitCode> {
  if (!dryRun) demandConsent(context, "expire", yes);
  const request = { anyShare: flags.anyShare ?? false, noOlderInstances: !flags.olderInstances };
  return orExplained(context, async () => {
    if (!dryRun && !yes) {
      const { exitCode, summary } = await show(context, { ...request, dryRun: true });
      if (exitCode !== 0 || summary === undefined || summary.deploymentsOver === 0n) return exitCode;
      const what = counted(Number(summary.deploymentsPurged), "deployment");
      if (!(await isConfirmed(context, `Purge ${what} for good?`, yes))) return 1;
    }
    return (await show(context, { ...request, dryRun })).exitCode;
  });
}

interface Shown {
  readonly exitCode: ExitCode;
  readonly summary: ExpirySummary | undefined;
}

/** Expires, and shows each deployment as the service names it. Ctrl-C leaves the rest to another call. */
async function show(
  context: CommandContext,
  request: { readonly dryRun: boolean; readonly anyShare: boolean; readonly noOlderInstances: boolean },
): Promise<Shown> {
  const { json, output, complain, interruption } = context;
  const table = new Table(output, columnsOf(context, request.dryRun));
  const givingUp = new AbortController();
  let interrupted: InterruptedCode | undefined;
  const release = interruption.intercept((exitCode) => {
    interrupted ??= exitCode;
    givingUp.abort();
  });
  let summary: ExpirySummary | undefined;
  let shown = 0;
  try {
    for await (const answer of context.admin().admin.expireDeployments(request, givingUp.signal)) {
      const { message } = answer;
      if (json) await output.line(jsonLine(ExpireDeploymentsResponseSchema, answer));
      else if (message.case === "deployment") await table.row(message.value);
      if (message.case === "deployment") shown += 1;
      if (message.case === "summary") summary = message.value;
    }
  } catch (error) {
    if (interrupted === undefined) throw error;
    complain(`Interrupted after ${counted(shown, "deployment")}; the same command goes on.`);
    return { exitCode: interrupted, summary };
  } finally {
    release();
    await table.flush();
  }
  if (summary !== undefined && !json) complain(inWords(summary, request.dryRun));
  return { exitCode: 0, summary };
}

function columnsOf({ utc }: CommandContext, dryRun: boolean): readonly Column<ExpiredDeployment>[] {
  return [
    {
      title: "DEPLOYMENT ID",
      width: 40,
      cell: ({ deployment }) => deployment?.deploymentId ?? "",
      isCutInside: true,
    },
    { title: "ENVIRONMENT", width: 16, cell: ({ deployment }) => deployment?.environment ?? "" },
    timeColumn("LAST EVENT", ({ deployment }) => deployment?.updateTime, { utc }),
    { title: "EVENTS", width: 8, cell: ({ eventsPurged }) => String(eventsPurged) },
    { title: "RESULT", width: 0, cell: ({ waitsForMirror }) => resultOf(waitsForMirror, dryRun) },
  ];
}

function resultOf(waitsForMirror: boolean, dryRun: boolean): string {
  if (dryRun) return "would be purged";
  return waitsForMirror ? "waits for the topic" : "purged";
}

function inWords(summary: ExpirySummary, dryRun: boolean): string {
  const { deployments, deploymentsOver, deploymentsPurged, eventsPurged } = summary;
  const purged = `${counted(Number(deploymentsPurged), "deployment")} with ${counted(Number(eventsPurged), "event")}`;
  const done = dryRun ? `A dry run: ${purged} would be purged` : `${purged} purged`;
  return `${done}; the time of ${deploymentsOver} of ${deployments} is over.`;
}
