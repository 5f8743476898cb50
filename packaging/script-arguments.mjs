import { parseArgs } from "node:util";
import { scriptMessages } from "./script-messages.mjs";

/**
 * Reads a script's arguments, as `parseArgs` of Node does. `--help` prints the usage and ends the process; an option that the script does
 * not have is named, with the usage, and ends it with 1.
 */
export function scriptArguments(name, { usage, options = {} }) {
  answerHelp(usage);
  try {
    return parseArgs({ allowPositionals: true, options });
  } catch (error) {
    // Node goes on about arguments that begin with a dash.
    const [problem] = error.message.split(/(?<=[.]) /);
    return scriptMessages(name).fail(`${problem}\n\n${usage}`);
  }
}

/** Prints the usage and ends the process where the arguments before `--` ask for it. */
export function answerHelp(usage) {
  const args = process.argv.slice(2);
  const end = args.indexOf("--");
  if (!args.slice(0, end < 0 ? undefined : end).some((arg) => arg === "--help" || arg === "-h")) return;
  process.stdout.write(`${usage}\n`);
  process.exit(0);
}
