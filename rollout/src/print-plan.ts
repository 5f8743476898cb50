import { claimOf } from "./claim/claim.ts";
import type { ControlPlane } from "./control-plane.ts";
import { servingRevision } from "./serving-revision.ts";

export interface PlanOptions {
  readonly plane: ControlPlane;
  readonly image: string;
  readonly steps: readonly number[];
  readonly holdSeconds: number;
  readonly tell: (line: string) => void;
}

/** Prints the steps of a roll-out without changing anything. */
export async function printPlan({ plane, image, steps, holdSeconds, tell }: PlanOptions): Promise<void> {
  const service = await plane.insist(() => plane.service());
  const claim = claimOf(service);
  const from = claim?.from ?? servingRevision(service);
  const begun = claim?.image === image ? claim.percent : 0;
  if (claim !== undefined) tell(`Roll-out ${claim.id} of ${claim.image} is in progress at ${claim.percent} %.`);
  if (claim?.image === image) tell("Would continue it:");
  else if (claim !== undefined) tell(`Would start only after ${claim.heldUntil}, or after \`rollback\`:`);
  if (claim?.image !== image || claim.to === undefined) {
    tell(`Would create a revision of ${image} without traffic and wait until it is ready.`);
    tell("Would check its health, and append and read an event, at the address of its tag.");
  }
  for (const percent of steps.filter((step) => step >= begun))
    tell(`Would move ${percent} % of the traffic from ${from} to it and watch it for ${holdSeconds} s.`);
  tell(`Would move all traffic back to ${from} at the first failed check. Nothing was changed.`);
}
