import type { CommandContext } from "../program/command-context.ts";
import { sendSpooled } from "./send-spooled.ts";
import { SpoolFolder } from "./spool-folder.ts";

/**
 * Sends what runs have left for this service, before events of the same deployments that come later. What goes wrong with that is told, and
 * keeps no other event from being added.
 */
export async function sendLeft({ client, config, connection, timeoutMs, complain }: CommandContext): Promise<void> {
  const { stateFolder } = config;
  if (stateFolder === undefined) return;
  const folder = new SpoolFolder(stateFolder);
  try {
    for await (const { deploymentId, refused, refusedPath } of sendSpooled({
      folder,
      client,
      service: connection,
      timeoutMs,
      describe: ({ code, reason, message }) => `${reason ?? code}: ${message}`,
      onLeftAlone: ({ path }, reason, isFault) => {
        if (isFault) complain(`warning: what an earlier run has left in ${path} was not sent: ${reason}`);
      },
    })) {
      for (const { what, reason } of refused) {
        complain(`${what} of an earlier run (${deploymentId}) was refused: ${reason}\n  It is in ${refusedPath}.`);
      }
    }
  } catch (error) {
    complain(`warning: what earlier runs have left in ${folder.path} was not sent: ${(error as Error).message}`);
  }
}
