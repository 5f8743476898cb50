import { percent } from "./percent.ts";
import type { PackageCoverage } from "./report-coverage.ts";

/** Minimum coverage of each package, in percent. */
export type Floors = Readonly<Record<string, { readonly lines: number; readonly branches: number }>>;

/** Lists shortfalls, one line each: a package below its floor, without one, or no longer there. */
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
