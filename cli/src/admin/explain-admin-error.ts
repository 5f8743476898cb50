import { ActivityEventsError } from "@activity-events/client";
import { isLoopback } from "@activity-events/client/internal";
import type { CommandContext } from "../program/command-context.ts";
import { type ExitCode, exitCodeOf } from "../program/exit-code.ts";
import { adminTokenFile } from "./admin-client.ts";

/** Describes a failed call of an admin's method, and says where missing credentials come from, and which flag gives a missing word. */
export async function explainAdminError(context: CommandContext, error: ActivityEventsError): Promise<string> {
  const text = await context.explain(error);
  if (error.reason === "OLDER_INSTANCES") return `${text}\n  --no-older-instances says so.`;
  return lacksToken(context, error) ? `${text}\n  ${remedy(context)}` : text;
}

/** Runs a command of an admin and describes a failed call. */
export async function orExplained(context: CommandContext, run: () => Promise<ExitCode>): Promise<ExitCode> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof ActivityEventsError)) throw error;
    context.complain(await explainAdminError(context, error));
    return exitCodeOf(error);
  }
}

function lacksToken({ service }: CommandContext, { code, reason }: ActivityEventsError): boolean {
  const isDenied = code === "UNAUTHENTICATED" || code === "PERMISSION_DENIED";
  return isDenied && reason !== undefined && service.token === undefined && service.idTokenAudience === undefined;
}

function remedy({ config, address }: CommandContext): string {
  const give = "Give an admin's token with --token-file FILE, before the command.";
  const file = isLoopback(address) ? adminTokenFile(config) : undefined;
  return file === undefined
    ? give
    : `${give} A service on this machine keeps one in the file admin-token of its DATA_DIR; looked for ${file}.`;
}
