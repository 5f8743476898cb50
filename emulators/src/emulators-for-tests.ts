import { NoEmulatorsError } from "./no-emulators-error.ts";
import { type Emulators, startEmulators } from "./start-emulators.ts";

const clientVariables = ["FIRESTORE_EMULATOR_HOST", "PUBSUB_EMULATOR_HOST", "METADATA_SERVER_DETECTION"];

let undo = async () => {};

/**
 * Starts the emulators for the tests of a run and names them in their environment, by the variables that the Google
 * clients read. A test isolates itself by a project of its own: see randomProjectId. Where this machine can run none it
 * answers why, in one line.
 */
export async function startEmulatorsForTests(environment: NodeJS.ProcessEnv): Promise<string | undefined> {
  const before = { ...environment };
  let emulators: Emulators | undefined;
  try {
    emulators = await startEmulators({
      environment,
      report: (line) => process.stderr.write(`Cloud tests use ${line}.\n`),
    });
  } catch (error) {
    if (error instanceof NoEmulatorsError) return error.message;
    throw error;
  }
  environment.FIRESTORE_EMULATOR_HOST = emulators.firestoreHost;
  environment.PUBSUB_EMULATOR_HOST = emulators.pubsubHost;
  // The clients would look for a machine of Google's around them for a second.
  environment.METADATA_SERVER_DETECTION = "none";
  // In watch mode the next run would take hosts that are no more for the user's own.
  undo = async () => {
    await emulators.stop();
    for (const name of clientVariables) {
      if (before[name] === undefined) delete environment[name];
      else environment[name] = before[name];
    }
  };
  return undefined;
}

/** Ends what startEmulatorsForTests started. */
export async function stopEmulatorsForTests(): Promise<void> {
  await undo();
  undo = async () => {};
}
