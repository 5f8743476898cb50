import type { Share } from "./report-coverage.ts";

/** Returns a share in percent; 100 if there is nothing to cover. */
export function percent({ covered, total }: Share): number {
  return total === 0 ? 100 : (100 * covered) / total;
}
