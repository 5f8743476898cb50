import { escapeControls } from "@activity-events/client";
import { ConfigError } from "@activity-events/process/config-error";
import { readConfig, settings } from "./config.ts";
import { runStack } from "./run-stack.ts";
import { version } from "./version.ts";

const usage = `stack ${version}: run the whole system on this machine, with Firestore and Pub/Sub emulators.

Usage: npm run stack
       npm run stack -- --help | --version

Ctrl-C stops everything; the emulators keep no data.

Environment, passed on to every process:
${settings.map(({ name, default: value, description }) => `  ${name}\n    ${description}\n    default: ${value}`).join("\n")}

Exit codes:
  0  stopped by SIGTERM or SIGINT
  1  cannot run, or a process exited unexpectedly
  2  invalid settings or arguments
`;

const [argument, ...others] = process.argv.slice(2);
if (argument === undefined) await run();
else if (argument === "--help" || argument === "-h") process.stdout.write(usage);
else if (argument === "--version") process.stdout.write(`stack ${version}\n`);
else fail([`unknown argument ${[argument, ...others].join(" ")}; see --help`], 2);

async function run(): Promise<void> {
  // Keeps Google's clients, here and in every process, from looking for a metadata server, with a warning.
  process.env.METADATA_SERVER_DETECTION ??= "none";
  try {
    process.exit(await runStack(readConfig(process.env)));
  } catch (error) {
    if (error instanceof ConfigError) fail(error.faults, 2);
    else fail([(error as Error).message], 1);
  }
}

function fail(lines: readonly string[], exitCode: number): void {
  // A line may contain several lines of a process.
  for (const line of lines) process.stderr.write(`stack: ${line.split("\n").map(escapeControls).join("\n")}\n`);
  process.exitCode = exitCode;
}
