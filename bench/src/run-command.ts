import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command, CommanderError, Option } from "commander";
import type { Group } from "./contender.ts";
import type { Effort } from "./measure-group.ts";
import { writeTable } from "./readme-table.ts";
import { runBench } from "./run-bench.ts";

const full: Effort = { rounds: 5, roundMs: 2_000, warmUpMs: 1_000 };
const quick: Effort = { rounds: 2, roundMs: 500, warmUpMs: 500 };
const readme = join(import.meta.dirname, "..", "README.md");

interface Flags {
  readonly quick: boolean;
  readonly only?: readonly string[];
  readonly folder: string;
  readonly fillFolder: string;
}

interface CommandIo {
  readonly print: (line: string) => void;
  readonly report: (line: string) => void;
}

/** Runs the command `npm run bench`. Returns the exit code: 1 if a row failed or its data does not match its answers. */
export async function runCommand(args: readonly string[], groups: readonly Group[], io: CommandIo): Promise<number> {
  const program = describe(groups, io);
  try {
    program.parse(args, { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    throw error;
  }
  const flags = program.opts<Flags>();
  const { lines, faults } = await runBench({
    groups: groups.filter(({ name }) => flags.only?.includes(name) ?? true),
    effort: flags.quick ? quick : full,
    folder: flags.folder,
    fillFolder: flags.fillFolder,
    command: ["npm run bench", ...(args.length > 0 ? ["--", ...args] : [])].join(" "),
    report: io.report,
  });
  for (const line of lines) io.print(line);
  for (const fault of faults) io.report(`mismatch: ${fault}`);
  if (faults.length > 0) return 1;
  if (!flags.quick && flags.only === undefined) writeTable(readme, lines);
  return 0;
}

function describe(groups: readonly Group[], { print, report }: CommandIo): Command {
  return new Command("npm run bench --")
    .description(
      "Compare Activity Events with its peers and limits, and write the tables into bench/README.md.\n" +
        "Needs Linux. Names missing peers. Exits with 1 if a row failed or its data does not match its answers.",
    )
    .option("--quick", "run fewer, shorter rounds; print the tables instead of writing them", false)
    .addOption(
      new Option("--only <groups...>", "measure only these groups; print the tables instead of writing them").choices(
        groups.map(({ name }) => name),
      ),
    )
    .option("--folder <folder>", "parent of the run's folders: the disk to measure", tmpdir())
    .option("--fill-folder <folder>", "folder that keeps the fill of a million events between runs", tmpdir())
    .configureOutput({ writeOut: (text) => print(text.trimEnd()), writeErr: (text) => report(text.trimEnd()) })
    .exitOverride();
}
