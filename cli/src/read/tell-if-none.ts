import type { CommandContext } from "../program/command-context.ts";

/** Says on a terminal that a list has nothing; a pipe takes no rows for an answer. */
export function tellIfNone(
  { output, json, complain }: Pick<CommandContext, "output" | "json" | "complain">,
  what: "events" | "deployments",
  written: number,
): void {
  if (written === 0 && output.isTerminal && !json) complain(`No ${what} match, or there are none yet.`);
}
