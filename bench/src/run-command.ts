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

/** The command `npm run bench`; answers its exit code: 1 when something failed or was not stored as it was answered. */
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
      "Measures Activity Events beside its peers and its limits, and writes the table into bench/README.md.\n" +
        "Needs Linux; peers that are missing are named. Exit code 1: what was measured is not what is stored.",
    )
    .option("--quick", "shorter and fewer rounds, printed and not written", false)
    .addOption(
      new Option("--only <groups...>", "measure these, printed and not written").choices(
        groups.map(({ name }) => name),
      ),
    )
    .option("--folder <folder>", "where the run's own folders are made; the disk that is measured", tmpdir())
    .option("--fill-folder <folder>", "where the fill of a million events is kept from run to run", tmpdir())
    .configureOutput({ writeOut: (text) => print(text.trimEnd()), writeErr: (text) => report(text.trimEnd()) })
    .exitOverride();
}
