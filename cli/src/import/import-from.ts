import { createReadStream, fstatSync } from "node:fs";
import { ActivityEventsError, escapeControls, type ImportFrame } from "@activity-events/client";
import { explainAdminError } from "../admin/explain-admin-error.ts";
import { safeJson } from "../output/json-line.ts";
import { ProgressLine } from "../output/progress-line.ts";
import { type CommandContext, reach } from "../program/command-context.ts";
import { type ExitCode, exitCodeOf } from "../program/exit-code.ts";
import type { InterruptedCode } from "../program/interruption.ts";
import { UsageError } from "../program/usage-error.ts";
import { counted } from "../text/counted.ts";
import { readLines } from "../text/read-lines.ts";
import { CutShort, ImportLines } from "./import-lines.ts";

/** Source and extent of an import. */
export interface ImportRequest {
  /** Undefined: standard input. */
  readonly file: string | undefined;
  readonly isDry: boolean;
  readonly fromLine: number;
}

type Progress = Extract<ImportFrame, { case: "progress" }>["value"];

/** Imports the lines of an export. Returns 0 if the service has all of it, 2 after faulty lines, 4 after refused deployments. */
export async function importFrom(context: CommandContext, request: ImportRequest): Promise<ExitCode> {
  const input = inputOf(context, request.file);
  await reach(context);
  const { interruption, complain, terminal } = context;
  const { admin } = context.admin();
  const { isDry: dryRun, fromLine } = request;
  const givingUp = new AbortController();
  let interrupted: InterruptedCode | undefined;
  const release = interruption.intercept((exitCode) => {
    interrupted ??= exitCode;
    givingUp.abort();
  });
  const progressLine = new ProgressLine(terminal);
  let exitCode: ExitCode = 0;
  let progress: Progress | undefined;
  const fault = (line: number | bigint, problem: string, code: ExitCode) => {
    exitCode ||= code;
    void progressLine.above(() => complain(`line ${line}: ${escapeControls(problem)}`));
  };
  const lines = new ImportLines({ fromLine, onFault: (line, problem) => fault(line, problem, 2) });
  try {
    const records = lines.records(readLines(input));
    for await (const frame of admin.importEvents(records, { dryRun, signal: givingUp.signal })) {
      if (frame.case === "progress") {
        progress = frame.value;
        progressLine.show(`line ${progress.line}: ${inWords(progress, dryRun)}`);
        continue;
      }
      const { line, deploymentId, sequence, description } = frame.value;
      // Its faulty line was told already; here the service misses it.
      if (lines.isFaulty(deploymentId)) continue;
      const place = sequence === 0n ? "" : `, event ${sequence}`;
      fault(line, `deployment ${deploymentId}${place}: ${description}`, 4);
    }
  } catch (error) {
    progressLine.remove();
    const untold = interrupted ?? (await failure(error));
    exitCode = untold;
    if (progress !== undefined && progress.line >= fromLine && !dryRun) {
      complain(`All up to line ${progress.line} is done; go on with --from-line ${progress.line + 1n}.`);
    }
    return exitCode;
  } finally {
    release();
    progressLine.remove();
  }
  // After any other fault it says nothing new.
  const { miscount } = lines;
  if (miscount !== undefined && exitCode === 0) fault(miscount.line, miscount.problem, 2);
  await tell();
  return exitCode;

  async function failure(error: unknown): Promise<ExitCode> {
    if (error instanceof CutShort) {
      complain(`line ${error.line}: ${error.message}`);
      return 2;
    }
    if (error instanceof ActivityEventsError) {
      complain(await explainAdminError(context, error));
      return exitCodeOf(error);
    }
    throw error;
  }

  async function tell(): Promise<void> {
    if (progress === undefined) return;
    const { eventsImported, eventsKnown, deploymentsImported, deploymentsRefused } = progress;
    const counts = {
      events: Number(eventsImported),
      knownEvents: Number(eventsKnown),
      deployments: Number(deploymentsImported),
      refusedDeployments: Number(deploymentsRefused),
    };
    await context.output.line(context.json ? safeJson(counts) : inWords(progress, dryRun));
  }
}

function inWords(progress: Progress, isDry: boolean): string {
  const { eventsImported, eventsKnown, deploymentsImported, deploymentsRefused } = progress;
  const refused = deploymentsRefused === 0n ? "" : `; ${counted(Number(deploymentsRefused), "deployment")} refused`;
  const imported = `${counted(Number(eventsImported), "event")} ${isDry ? "would be imported" : "imported"}`;
  const known = `${counted(Number(eventsKnown), "event")} already there`;
  return `${imported}, ${known}; ${counted(Number(deploymentsImported), "deployment")} whole${refused}`;
}

function inputOf({ input }: CommandContext, file: string | undefined): AsyncIterable<Uint8Array> {
  // Opened when it is read: nobody listens to its faults before.
  if (file !== undefined) return readable(() => createReadStream(file), file);
  if (input.isTTY) throw new UsageError("Name a file, or pipe an export to standard input.");
  if (fstatSync(input.fd).isDirectory()) throw new UsageError("Standard input is a directory; pipe an export instead.");
  return readable(() => input, "standard input");
}

async function* readable(open: () => AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Uint8Array> {
  try {
    yield* open();
  } catch (error) {
    throw new UsageError(`${name}: cannot read it: ${(error as Error).message}.`);
  }
}
