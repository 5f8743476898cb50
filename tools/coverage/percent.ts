import type { Share } from "./report-coverage.ts";

/** 100 where there is nothing to cover. */
export function percent({ covered, total }: Share): number {
  return total === 0 ? 100 : (100 * covered) / total;
}
