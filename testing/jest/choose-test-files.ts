import { leftOutTable } from "./left-out-table.ts";
import { needsOf } from "./test-needs.ts";

/** The test files that the latest run was asked for and left out. */
export let leftOut: readonly string[] = [];

/**
 * Chooses of the test files that were asked for those that run: with ALL_TESTS all, else those that need nothing beyond
 * Node. Hands on in TEST_NEEDS what they need. Of jest's option `filter`.
 */
function chooseTestFiles(paths: readonly string[]): { readonly filtered: readonly string[] } {
  const filtered = process.env.ALL_TESTS ? paths : paths.filter((path) => needsOf(path).length === 0);
  process.env.TEST_NEEDS = [...new Set(filtered.flatMap(needsOf))].join(" ");
  leftOut = paths.filter((path) => !filtered.includes(path));
  // Without a test file jest ends before its reporters hear of it.
  if (filtered.length === 0) process.stderr.write(leftOutTable({ leftOut, missing: {}, skipped: [] }));
  return { filtered };
}

// jest requires the filter, as a CommonJS module.
export { chooseTestFiles as "module.exports" };
