import { globSync } from "node:fs";
import { join } from "node:path";
import { NoEmulatorsError } from "./no-emulators-error.ts";
import { type Emulators, startEmulators } from "./start-emulators.ts";

/** The part of jest's global configuration that tells which test files are wanted. */
export interface TestSelection {
  readonly rootDir: string;
  readonly findRelatedTests: boolean;
  readonly testPathPatterns: {
    toExecutor(options: { readonly rootDir: string }): { isMatch(path: string): boolean };
  };
}

export interface TestRunOptions {
  readonly selection: TestSelection;
  /** The environment that the test files will have; changed. */
  readonly environment: NodeJS.ProcessEnv;
  readonly report: (line: string) => void;
}

/** Says, where there can be no emulators, why; jest-environment.mjs then skips the cloud tests or, in CI, fails them. */
const reasonVariable = "CLOUD_TESTS_CANNOT_RUN";
const clientVariables = ["FIRESTORE_EMULATOR_HOST", "PUBSUB_EMULATOR_HOST", "METADATA_SERVER_DETECTION"];

let undo = async () => {};

/**
 * Starts the emulators for a test run, if it holds tests named `*.cloud.test.ts`, and names them to the tests by the
 * variables that the Google clients read. A test isolates itself by a project of its own: see randomProjectId.
 */
export async function startEmulatorsForTests({ selection, environment, report }: TestRunOptions): Promise<void> {
  if (!selectsCloudTests(selection)) return;
  const before = { ...environment };
  let emulators: Emulators | undefined;
  try {
    emulators = await startEmulators({
      environment,
      report: (line) => report(`Cloud tests use ${line}.`),
    });
    environment.FIRESTORE_EMULATOR_HOST = emulators.firestoreHost;
    environment.PUBSUB_EMULATOR_HOST = emulators.pubsubHost;
    // The clients would look for a machine of Google's around them for a second.
    environment.METADATA_SERVER_DETECTION = "none";
  } catch (error) {
    if (!(error instanceof NoEmulatorsError)) throw error;
    environment[reasonVariable] = error.message;
    report(`The cloud tests ${environment.CI ? "fail" : "are skipped"}: ${error.message}.`);
  }
  // In watch mode the next run would take hosts that are no more for the user's own.
  undo = async () => {
    await emulators?.stop();
    for (const name of [...clientVariables, reasonVariable]) {
      if (before[name] === undefined) delete environment[name];
      else environment[name] = before[name];
    }
  };
}

/** Ends what startEmulatorsForTests started. */
export async function stopEmulatorsForTests(): Promise<void> {
  await undo();
  undo = async () => {};
}

function selectsCloudTests({ rootDir, findRelatedTests, testPathPatterns }: TestSelection): boolean {
  const patterns = testPathPatterns.toExecutor({ rootDir });
  const files = globSync("**/*.cloud.test.ts", { cwd: rootDir, exclude: ["**/node_modules"] });
  // jest alone knows which tests are related to a file.
  return files.some((file) => findRelatedTests || patterns.isMatch(join(rootDir, file)));
}
