import type { Command } from "commander";
import { parseCount, parseFile } from "../flags/parse-flags.ts";
import type { Perform } from "../program/command-context.ts";
import { importFrom } from "./import-from.ts";

interface ImportFlags {
  readonly dryRun?: boolean;
  readonly fromLine?: number;
}

const help = `
Stores what export wrote. Ids, sequences, times, principals and history hashes
stay, and are checked before anything is stored. What is there already is left as
it is: an import may be repeated, or go on at a line with --from-line. Ends the
import of a deployment at an event that does not fit, and goes on with the
others. Needs the role admin, or the service's admin token.

Example:
  activity_client import backup.ndjson --dry-run`;

/** Adds `import`: stores an export. */
export function defineImport(program: Command, perform: Perform): void {
  const command = program
    .command("import")
    .description("store what export wrote")
    .argument("[file]", "file to read; - or none reads standard input", parseFile)
    .option("--dry-run", "check everything, store nothing")
    .option("--from-line <number>", "begin at this line of the file", parseCount)
    .addHelpText("after", help)
    .action((file: string | undefined, { dryRun = false, fromLine = 1 }: ImportFlags) =>
      perform(command, (context) => {
        return importFrom(context, { file: file === "-" ? undefined : file, isDry: dryRun, fromLine });
      }),
    );
}
