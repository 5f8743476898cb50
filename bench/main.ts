import { allGroups } from "./src/groups/all-groups.ts";
import { runCommand } from "./src/run-command.ts";

// A signal ends the processes that the bench started: see Scratch.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(1));

process.exitCode = await runCommand(process.argv.slice(2), allGroups(), {
  print: (line) => process.stdout.write(`${line}\n`),
  report: (line) => process.stderr.write(`${line}\n`),
});
