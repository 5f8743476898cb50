#!/usr/bin/env node
import { isAncestorCall } from "./ancestor/is-ancestor-call.ts";
import { readConfig } from "./config.ts";
import { Output } from "./output/output.ts";
import { standardStream } from "./output/standard-stream.ts";
import { Interruption } from "./program/interruption.ts";
import { leave } from "./program/leave.ts";
import { type ProgramEnd, sigint } from "./program/program-end.ts";

// Node's deprecations are for developers; a TLS connection to an IP address causes one.
process.noDeprecation = true;
const interruption = new Interruption(process);
const [stream, errors] = [standardStream(1), standardStream(2)];
const output = new Output(stream);
let isUnsaid = false;
errors.on("error", ({ code }: NodeJS.ErrnoException) => {
  // The program goes on, and may succeed, after the reader of standard error has left.
  isUnsaid ||= code !== "EPIPE";
});

run(process.argv.slice(2)).then(async (end) => {
  const failure = await output.failure();
  if (failure !== undefined) errors.write(`activity_client: standard output cannot be written: ${failure.message}\n`);
  // Standard input may still be open, so exit explicitly, after the writes.
  errors.write("", () => {
    if (end === sigint) interruption.dieOfCtrlC();
    else leave(end === 0 && (failure !== undefined || isUnsaid) ? 1 : end);
  });
});

async function run(args: readonly string[]): Promise<ProgramEnd> {
  if (isAncestorCall(args)) {
    const { runAncestor } = await import("./ancestor/run-ancestor.ts");
    return runAncestor({ args, output: stream, errors });
  }
  const { runProgram } = await import("./program/run-program.ts");
  // `run` leaves standard input to its command, and Node prepares it when it is looked at.
  const start = { args, config: readConfig(), output, errors, interruption };
  return runProgram({
    ...start,
    get input() {
      return process.stdin;
    },
  });
}
