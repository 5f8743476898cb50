import type { Group } from "./contender.ts";
import { describeMachine } from "./machine.ts";
import { type Effort, measureGroup, type Outcome } from "./measure-group.ts";
import { ratioTable } from "./ratio-table.ts";
import { resultsTable } from "./results-table.ts";
import { Scratch } from "./scratch.ts";

export interface BenchOptions {
  readonly groups: readonly Group[];
  readonly effort: Effort;
  /** Where the folders of the run are made. */
  readonly folder: string;
  /** Where the fill of a million events is kept from run to run. */
  readonly fillFolder: string;
  /** How the run was started, for the table. */
  readonly command: string;
  /** Is told, line by line, what goes on. */
  readonly report: (line: string) => void;
}

export interface BenchResult {
  /** Markdown. */
  readonly lines: readonly string[];
  /** Everything that is not as it must be, each in a sentence; none: the figures hold. */
  readonly faults: readonly string[];
}

/** Measures group after group; each has a folder of its own, which is gone with its processes when it is done. */
export async function runBench({ groups, effort, command, ...options }: BenchOptions): Promise<BenchResult> {
  const tables: string[] = [];
  const outcomes: Outcome[] = [];
  const machine = await withScratch(options, async (scratch) =>
    describeMachine(scratch, { folder: options.folder, command }),
  );
  for (const group of groups) {
    const measured = await withScratch(options, (scratch) => measureGroup(group, { effort, scratch }));
    outcomes.push(...measured);
    tables.push("", ...resultsTable(group, measured));
  }
  const ratios = ratioTable(outcomes);
  return {
    lines: [...machine.map((line) => `- ${line}`), ...(ratios.length > 0 ? ["", ...ratios] : []), ...tables],
    faults: outcomes.flatMap((outcome) =>
      outcome.kind === "failed" ? outcome.faults.map((fault) => `${outcome.contender.measures[0]?.key}: ${fault}`) : [],
    ),
  };
}

async function withScratch<Result>(
  { folder, fillFolder, report }: Pick<BenchOptions, "folder" | "fillFolder" | "report">,
  use: (scratch: Scratch) => Promise<Result>,
): Promise<Result> {
  const scratch = new Scratch({ parent: folder, keepIn: fillFolder, report });
  try {
    return await use(scratch);
  } finally {
    await scratch.close();
  }
}
