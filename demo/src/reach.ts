import { type ActivityEventsClient, ActivityEventsError } from "@activity-events/client";

/** Longest wait for an answer, in ms; a port where nothing listens answers at once. */
const patienceMs = 3_000;

/** Asks the service once whether it is there; throws an error that says what to do if it is not. */
export async function reach(client: ActivityEventsClient, address: string): Promise<void> {
  try {
    await client.checkHealth("", { timeoutMs: patienceMs });
  } catch (error) {
    if (!(error instanceof ActivityEventsError)) throw error;
    throw new Error(
      `the service does not answer at ${address} (${error.message}); start it with \`npm start\`, or set its address with --address HOST:PORT or ACTIVITY_ADDRESS`,
      { cause: error },
    );
  }
}
