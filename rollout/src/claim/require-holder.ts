import type { Service } from "../control-plane.ts";
import { StoppedError } from "../failures.ts";
import { type Claim, claimOf } from "./claim.ts";

/** Throws `StoppedError` when the claim on a service is not, or no longer, this process's. */
export function requireHolder(service: Service, { id, runner }: Claim): void {
  const claim = claimOf(service);
  if (claim?.id === id && claim.runner === runner) return;
  throw new StoppedError(
    `Somebody else took over from the roll-out ${id}: ${whatBecame(id, claim)}. The traffic was left to them.`,
  );
}

function whatBecame(id: string, claim: Claim | undefined): string {
  if (claim === undefined)
    return "it was ended with `rollback`, or the same command was started again and has finished";
  return claim.id === id ? "the same command was started again" : `the roll-out ${claim.id} holds the service`;
}
