import type { CommandContext } from "../program/command-context.ts";
import { UsageError } from "../program/usage-error.ts";

/** Throws a `UsageError` if a command that cannot be undone has neither a terminal to ask on nor `--yes`. */
export function demandConsent({ ask }: CommandContext, name: string, yes: boolean | undefined): void {
  if (yes || ask !== undefined) return;
  throw new UsageError(`${name} cannot be undone; without a terminal to ask on it needs --yes.`);
}

/** Asks, unless the flag `--yes` has answered. Says that nothing was done if the answer is not yes. */
export async function isConfirmed(
  { ask, complain }: CommandContext,
  question: string,
  yes: boolean | undefined,
): Promise<boolean> {
  if (yes) return true;
  const answer = (await ask?.(`${question} [y/N] `)) ?? "";
  if (/^y(es)?$/i.test(answer)) return true;
  complain("Nothing was done.");
  return false;
}
