#!/usr/bin/env node
import { readConfig } from "./config.ts";
import { runProgram } from "./run-program.ts";

const tell = (line: string) => process.stdout.write(`${line}\n`);
// Whoever reads along may go: a roll-out must not end in the middle because nobody listens.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});

function catchInterruption(): AbortSignal {
  const interruption = new AbortController();
  const interrupt = () => {
    if (interruption.signal.aborted) return;
    tell("Interrupted: it ends once Cloud Run has done what it was told last.");
    interruption.abort();
  };
  // Each of them for good, not once: npm passes on the Ctrl-C that the terminal has sent already.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, interrupt);
  return interruption.signal;
}

const surroundings = { config: readConfig(), tell, catchInterruption };
runProgram(process.argv.slice(2), surroundings).then((exitCode) => process.exit(exitCode));
