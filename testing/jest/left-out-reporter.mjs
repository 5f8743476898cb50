import { leftOut } from "./choose-test-files.ts";
import { leftOutTable } from "./left-out-table.ts";
import { missingNeeds } from "./missing-needs.ts";

// Reports at the end of a run which tests it left out. In JavaScript, so that Node, not jest, loads it and the
// TypeScript behind it.
export default class {
  #isWhole;

  constructor({ testNamePattern }) {
    // With a name pattern, other tests are left out for another reason than their needs.
    this.#isWhole = !testNamePattern;
  }

  onRunComplete(_contexts, { testResults }) {
    const skipped = testResults.map(({ testFilePath: path, numPendingTests: tests }) => ({ path, tests }));
    const table = leftOutTable({ leftOut, missing: missingNeeds(), skipped: this.#isWhole ? skipped : [] });
    process.stderr.write(table);
  }
}
