import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

const script = join(import.meta.dirname, "..", "..", "cli", "src", "main.ts");

/** Records an event with the command line, as a process of its own; throws when it is not stored. */
export async function addEvent(address: string, event: { deploymentId: string; eventId: string }): Promise<void> {
  const { deploymentId, eventId } = event;
  const ids = ["--deployment-id", deploymentId, "--event-id", eventId];
  const args = [script, "add", "--address", address, ...ids, "--message", `message of ${eventId}`];
  await promisify(execFile)(process.execPath, args);
}
