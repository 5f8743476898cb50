import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Group } from "./contender.ts";
import { describeMachine } from "./machine.ts";
import { type Effort, measureGroup, type Outcome } from "./measure-group.ts";
import { ratioTable } from "./ratio-table.ts";
import { resultsTable } from "./results-table.ts";
import { Scratch } from "./scratch.ts";
import { bundleService } from "./servers/bundle-service.ts";

export interface BenchOptions {
  readonly groups: readonly Group[];
  readonly effort: Effort;
  /** Parent of the run's folder: the disk to measure. */
  readonly folder: string;
  /** Folder that keeps the fill of a million events between runs. */
  readonly fillFolder: string;
  /** Command of the run, for the table. */
  readonly command: string;
  /** Receives progress lines. */
  readonly report: (line: string) => void;
}

export interface BenchResult {
  /** Tables as Markdown. */
  readonly lines: readonly string[];
  /** Faults as sentences; if empty, the figures are valid. */
  readonly faults: readonly string[];
}

/** Measures group after group; the processes and files of one are gone before the next starts. */
export async function runBench({ folder, ...options }: BenchOptions): Promise<BenchResult> {
  const runFolder = mkdtempSync(join(folder, "activity-events-bench-"));
  chmodSync(runFolder, 0o711);
  const remove = () => rmSync(runFolder, { recursive: true, force: true });
  process.once("exit", remove);
  try {
    return await measureGroups({ folder: runFolder, ...options });
  } finally {
    process.off("exit", remove);
    remove();
  }
}

async function measureGroups({ groups, effort, folder, ...options }: BenchOptions): Promise<BenchResult> {
  const { fillFolder: keepIn, command, report } = options;
  const machine = describeMachine({ folder, command });
  const service = await bundleService(join(folder, "bundle"));
  const tables: string[] = [];
  const outcomes: Outcome[] = [];
  for (const group of groups) {
    const scratch = new Scratch({ parent: folder, service, keepIn, report });
    try {
      const measured = await measureGroup(group, { effort, scratch });
      outcomes.push(...measured);
      tables.push("", ...resultsTable(group, measured));
    } finally {
      await scratch.close();
    }
  }
  const ratios = ratioTable(outcomes);
  return {
    lines: [...machine.map((line) => `- ${line}`), ...(ratios.length > 0 ? ["", ...ratios] : []), ...tables],
    faults: outcomes.flatMap((outcome) =>
      outcome.kind === "failed" ? outcome.faults.map((fault) => `${outcome.contender.measures[0]?.key}: ${fault}`) : [],
    ),
  };
}
