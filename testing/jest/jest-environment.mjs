import { types } from "node:util";
import { TestEnvironment } from "jest-environment-node";
import { measureTestFile } from "../../tools/coverage/measure-test-file.ts";
import { missingNeeds } from "./missing-needs.ts";
import { needsOf, testNeeds } from "./test-needs.ts";

// Set by `npm run coverage`. From here on Node measures the processes that the tests start, and their children.
const { COVERAGE_FOLDER } = process.env;
if (COVERAGE_FOLDER) process.env.NODE_V8_COVERAGE = COVERAGE_FOLDER;
// Google's libraries ask an address of the network whether they run on Google Cloud; a test asks none.
process.env.METADATA_SERVER_DETECTION = "none";

export default class extends TestEnvironment {
  /** Reason why this file's tests cannot run on this machine. */
  #cannotRun;
  #mustRun;
  #endMeasuring;

  constructor(config, context) {
    super(config, context);
    const missing = missingNeeds();
    const [need] = needsOf(context.testPath).filter((each) => each in missing);
    this.#cannotRun = missing[need];
    this.#mustRun = process.env.CI && !testNeeds[need]?.isOptional;
    this.#takeNodesErrorsForErrors();
  }

  async setup() {
    await super.setup();
    // In CI a test that did not run proves nothing. The place in this file is no part of the message.
    if (this.#cannotRun && this.#mustRun) throw Object.assign(new Error(this.#cannotRun), { stack: "" });
    if (COVERAGE_FOLDER) this.#endMeasuring = measureTestFile(COVERAGE_FOLDER);
  }

  async teardown() {
    this.#endMeasuring?.();
    await super.teardown();
  }

  handleTestEvent({ name }, { rootDescribeBlock }) {
    if (this.#cannotRun && name === "run_start") skip(rootDescribeBlock);
  }

  // jest runs each test file in its own context. Node's modules, and the errors that they throw, are outside it. There
  // `error instanceof Error` would be false for such an error, and code under test would take another branch than in
  // production.
  #takeNodesErrorsForErrors() {
    const { Error: ErrorOfContext } = this.global;
    Object.defineProperty(ErrorOfContext, Symbol.hasInstance, {
      value(value) {
        const ordinary = Function.prototype[Symbol.hasInstance].call(this, value);
        return ordinary || (this === ErrorOfContext && types.isNativeError(value));
      },
    });
  }
}

/** Skips a block of tests and its hooks. */
function skip(block) {
  block.mode = "skip";
  for (const child of block.children) {
    if (child.type === "describeBlock") skip(child);
    else child.mode = "skip";
  }
}
