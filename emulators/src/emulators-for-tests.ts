import { NoEmulatorsError } from "./no-emulators-error.ts";
import { type Emulators, startEmulators } from "./start-emulators.ts";

const clientVariables = ["FIRESTORE_EMULATOR_HOST", "PUBSUB_EMULATOR_HOST", "METADATA_SERVER_DETECTION"];

let undo = async () => {};

/**
 * Starts the emulators for a test run and sets the variables that Google's clients read. Tests isolate themselves by project
 * (see randomProjectId). If this machine cannot run the emulators, returns the reason in one line.
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
  // Keeps the clients from looking for a metadata server for a second.
  environment.METADATA_SERVER_DETECTION = "none";
  // In watch mode the next run would take stale hosts for the user's own.
  undo = async () => {
    await emulators.stop();
    for (const name of clientVariables) {
      if (before[name] === undefined) delete environment[name];
      else environment[name] = before[name];
    }
  };
  return undefined;
}

/** Stops the emulators that startEmulatorsForTests started. */
export async function stopEmulatorsForTests(): Promise<void> {
  await undo();
  undo = async () => {};
}
