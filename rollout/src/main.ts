#!/usr/bin/env node
import { readConfig } from "./config.ts";
import { runProgram } from "./run-program.ts";

const tell = (line: string) => process.stdout.write(`${line}\n`);
// A roll-out must not end in the middle because its reader has left.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});

function catchInterruption(): AbortSignal {
  const interruption = new AbortController();
  const interrupt = () => {
    if (interruption.signal.aborted) return;
    tell("Interrupted: waiting for Cloud Run to finish the last change.");
    interruption.abort();
  };
  // `on`, not `once`: npm forwards a Ctrl-C that the terminal has already sent.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, interrupt);
  return interruption.signal;
}

const surroundings = { config: readConfig(), tell, catchInterruption };
runProgram(process.argv.slice(2), surroundings).then((exitCode) => process.exit(exitCode));
