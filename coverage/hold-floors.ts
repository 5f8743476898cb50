import type { PackageCoverage, Share } from "./report-coverage.ts";

/** The least that is to be covered of each package, in percent. */
export type Floors = Readonly<Record<string, { readonly lines: number; readonly branches: number }>>;

/** What is less than it has to be, a line each: a package below its floor, without one, or not there any more. */
export function belowFloors(coverage: ReadonlyMap<string, PackageCoverage>, floors: Floors): readonly string[] {
  const names = new Set([...coverage.keys(), ...Object.keys(floors)]);
  return [...names].flatMap((name) => {
    const [found, floor] = [coverage.get(name), floors[name]];
    if (found === undefined) return [`${name} has a floor, but nothing of it was found`];
    if (floor === undefined) return [`${name} has no floor`];
    return (["lines", "branches"] as const)
      .filter((what) => percent(found[what]) < floor[what])
      .map((what) => `${name}: ${percent(found[what]).toFixed(1)} % of the ${what}, at least ${floor[what]} % must be`);
  });
}

/** 100 where there is nothing to cover. */
export function percent({ covered, total }: Share): number {
  return total === 0 ? 100 : (100 * covered) / total;
}

/** The coverage as a table, a package a line, and the whole. */
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
