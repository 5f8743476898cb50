import { percent } from "./percent.ts";
import type { PackageCoverage, Share } from "./report-coverage.ts";

/** Formats the coverage as a table, one line per package and a total. */
export function coverageTable(coverage: ReadonlyMap<string, PackageCoverage>): string {
  const whole = { lines: { covered: 0, total: 0 }, branches: { covered: 0, total: 0 }, files: 0 };
  for (const { lines, branches, files } of coverage.values()) {
    whole.files += files;
    for (const [sum, share] of [[whole.lines, lines] as const, [whole.branches, branches] as const]) {
      sum.covered += share.covered;
      sum.total += share.total;
    }
  }
  const row = (name: string, cells: readonly string[]) =>
    name.padEnd(22) + cells.map((cell) => cell.padStart(16)).join("");
  const share = (of: Share) => `${percent(of).toFixed(1)} % of ${of.total}`;
  const line = ([name, { files, lines, branches }]: readonly [string, PackageCoverage]) =>
    row(name, [`${files}`, share(lines), share(branches)]);
  return [
    row("Covered", ["files", "lines", "branches"]),
    ...[...coverage, ["the whole", whole] as const].map(line),
  ].join("\n");
}
