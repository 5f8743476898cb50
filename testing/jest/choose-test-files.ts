import { leftOutTable } from "./left-out-table.ts";
import { needsOf } from "./test-needs.ts";

/** Test files that the latest run selected but left out. */
export let leftOut: readonly string[] = [];

/**
 * Chooses the test files to run: all with ALL_TESTS, otherwise those that need only Node. Passes on their needs in
 * TEST_NEEDS. For jest's option `filter`.
 */
function chooseTestFiles(paths: readonly string[]): { readonly filtered: readonly string[] } {
  const filtered = process.env.ALL_TESTS ? paths : paths.filter((path) => needsOf(path).length === 0);
  process.env.TEST_NEEDS = [...new Set(filtered.flatMap(needsOf))].join(" ");
  leftOut = paths.filter((path) => !filtered.includes(path));
  // Without a test file jest ends before it calls its reporters.
  if (filtered.length === 0) process.stderr.write(leftOutTable({ leftOut, missing: {}, skipped: [] }));
  return { filtered };
}

// jest requires the filter, as a CommonJS module.
export { chooseTestFiles as "module.exports" };
