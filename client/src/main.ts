#!/usr/bin/env node
import { isAncestorCall } from "./ancestor/is-ancestor-call.ts";
import { readConfig } from "./config.ts";

// Nothing is left half done by leaving at once: what was not acknowledged may be sent again.
process.on("SIGINT", () => process.exit(130));
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
  return runProgram({ args, config: readConfig(), input, output, errors });
}
