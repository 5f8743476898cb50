import { leftOut } from "./choose-test-files.ts";
import { leftOutTable } from "./left-out-table.ts";
import { missingNeeds } from "./missing-needs.ts";

// Says at the end of a run what it left out. JavaScript, so that jest leaves it, and the TypeScript behind it, to Node.
export default class {
  #isWhole;

  constructor({ testNamePattern }) {
    // A name selects tests; the others are not left out for what they need.
    this.#isWhole = !testNamePattern;
  }

  onRunComplete(_contexts, { testResults }) {
    const skipped = testResults.map(({ testFilePath: path, numPendingTests: tests }) => ({ path, tests }));
    const table = leftOutTable({ leftOut, missing: missingNeeds(), skipped: this.#isWhole ? skipped : [] });
    process.stderr.write(table);
  }
}
