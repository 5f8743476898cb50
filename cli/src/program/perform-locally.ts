import type { Command } from "commander";
import { Denied } from "../access/denied.ts";
import type { Config } from "../config.ts";
import { ContextsNotWritten } from "../contexts/contexts-file.ts";
import { complaintWriter } from "../output/complaint-writer.ts";
import type { Output } from "../output/output.ts";
import type { ExitCode } from "./exit-code.ts";
import type { ProgramStart } from "./program-start.ts";
import { UsageError } from "./usage-error.ts";

/** Everything that a command without a service runs with. */
export interface LocalContext {
  readonly config: Config;
  readonly output: Output;
  /** Writes one line to standard error. */
  readonly complain: (text: string) => void;
  /** Print JSON, one object a line. */
  readonly json: boolean;
}

/** Runs a command without a service after its flags are parsed; `command` carries the global flags. */
export type PerformLocally = (command: Command, run: (context: LocalContext) => Promise<void>) => Promise<void>;

/** A command with parsed flags, and the function that runs it. */
export interface PerformLocallyOptions {
  readonly start: ProgramStart;
  readonly command: Command;
  readonly run: (context: LocalContext) => Promise<void>;
}

/** Runs a command without a service. Describes failures on standard error; returns the exit code. */
export async function performLocally({ start, command, run }: PerformLocallyOptions): Promise<ExitCode> {
  const { config, output, errors } = start;
  const complain = complaintWriter(errors);
  try {
    await run({ config, output, complain, json: command.optsWithGlobals<{ json?: boolean }>().json === true });
    return 0;
  } catch (error) {
    const isKnown = error instanceof UsageError || error instanceof ContextsNotWritten || error instanceof Denied;
    if (!isKnown) throw error;
    complain(error.message);
    return error instanceof UsageError ? 2 : 1;
  }
}
