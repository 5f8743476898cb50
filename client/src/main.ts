#!/usr/bin/env node
import { isAncestorCall } from "./ancestor/is-ancestor-call.ts";
import { readConfig } from "./config.ts";
import { Interruption } from "./interruption.ts";

const interruption = new Interruption(process);
// A reader of the error lines that has left is no reason to stop.
process.stderr.on("error", () => {});

run(process.argv.slice(2)).then((exitCode) => {
  // Standard input may still be open; what was written has to be out first.
  process.stdout.write("", () => process.exit(exitCode));
});

async function run(args: readonly string[]): Promise<number> {
  const { stdin: input, stdout: output, stderr: errors } = process;
  if (isAncestorCall(args)) {
    const { runAncestor } = await import("./ancestor/run-ancestor.ts");
    return runAncestor({ args, output, errors });
  }
  const { runProgram } = await import("./command-line/run-program.ts");
  return runProgram({ args, config: readConfig(), input, output, errors, interruption });
}
