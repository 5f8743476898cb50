import { ActivityEventsError, type ExportRequest } from "@activity-events/client";
import { safeJson } from "../output/json-line.ts";
import { ProgressLine } from "../output/progress-line.ts";
import { type CommandContext, reach } from "../program/command-context.ts";
import type { ExitCode } from "../program/exit-code.ts";
import type { InterruptedCode } from "../program/interruption.ts";
import { counted } from "../text/counted.ts";
import { ExportFile } from "./export-file.ts";
import { exportLine } from "./export-line.ts";

/** Bytes that are written at once, about. */
const chunkLength = 64 * 1024;
const progressIntervalMs = 200;

/** Writes an export to a file, or to standard output. Throws if it does not come to its end. */
export async function exportTo(
  context: CommandContext,
  file: string | undefined,
  filter: NonNullable<ExportRequest["filter"]>,
): Promise<ExitCode> {
  await reach(context);
  const { json, output, interruption } = context;
  if (file === undefined) {
    // A reader that has left, or a full disk, aborts the export; the end of the program tells.
    await writeLines(context, { filter, signal: output.closed, write: (text) => output.line(text.slice(0, -1)) });
    return 0;
  }
  const givingUp = new AbortController();
  let interrupted: InterruptedCode | undefined;
  const release = interruption.intercept((exitCode) => {
    interrupted ??= exitCode;
    givingUp.abort();
  });
  try {
    await using target = await ExportFile.begin(file);
    const write = (text: string) => target.write(text);
    const counts = await writeLines(context, { filter, signal: givingUp.signal, write });
    await target.finish();
    await output.line(json ? safeJson(counts) : `${inWords(counts)} written to ${file}`);
    return 0;
  } catch (error) {
    if (interrupted !== undefined) return interrupted;
    throw error;
  } finally {
    release();
  }
}

interface Counts {
  deployments: number;
  events: number;
}

interface Lines {
  readonly filter: NonNullable<ExportRequest["filter"]>;
  readonly signal: AbortSignal;
  readonly write: (text: string) => Promise<void>;
}

async function writeLines(
  { admin, terminal, output }: CommandContext,
  { filter, signal, write }: Lines,
): Promise<Counts> {
  const counts: Counts = { deployments: 0, events: 0 };
  // On a terminal the lines themselves are the progress.
  const progress = new ProgressLine(output.isTerminal ? undefined : terminal);
  const timer = setInterval(() => progress.show(`${inWords(counts)} read`), progressIntervalMs);
  try {
    let text = "";
    let deploymentId = "";
    let isWhole = false;
    for await (const record of admin().admin.exportEvents({ filter }, { signal })) {
      if (record.record.case === "deployment") {
        ({ deploymentId } = record.record.value);
        counts.deployments += 1;
      }
      isWhole = record.record.case === "end";
      if (record.record.case === "event") counts.events += 1;
      text += `${safeJson(exportLine(record, deploymentId))}\n`;
      if (text.length < chunkLength) continue;
      await write(text);
      text = "";
    }
    if (!isWhole) throw new ActivityEventsError({ code: "DATA_LOSS", message: "The export has ended before its end." });
    await write(text);
    return counts;
  } finally {
    clearInterval(timer);
    progress.remove();
  }
}

function inWords({ deployments, events }: Counts): string {
  return `${counted(deployments, "deployment")} with ${counted(events, "event")}`;
}
