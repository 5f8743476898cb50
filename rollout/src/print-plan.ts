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

/** Tells what a roll-out would do, and changes nothing. */
export async function printPlan({ plane, image, steps, holdSeconds, tell }: PlanOptions): Promise<void> {
  const service = await plane.insist(() => plane.service());
  const claim = claimOf(service);
  const from = claim?.from ?? servingRevision(service);
  const begun = claim?.image === image ? claim.percent : 0;
  if (claim !== undefined) tell(`The roll-out ${claim.id} of ${claim.image} is under way, at ${claim.percent} %.`);
  if (claim?.image === image) tell("Would go on with it:");
  else if (claim !== undefined) tell(`Would not begin before ${claim.heldUntil}, or before \`rollback\`; then:`);
  if (claim?.image !== image || claim.to === undefined) {
    tell(`Would make a revision of ${image} without traffic, and wait until it is ready;`);
    tell("would ask its health, append an event and read it, at the address of its tag;");
  }
  for (const percent of steps.filter((step) => step >= begun))
    tell(`would move ${percent} % of the traffic from ${from} to it, and look for ${holdSeconds} s;`);
  tell(`at the first bad sign would put all traffic back on ${from}. Nothing was changed.`);
}
