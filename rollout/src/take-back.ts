import { releaseClaim, undoLastRollOut } from "./claim/change-claim.ts";
import { claimOf, lastRollOutOf } from "./claim/claim.ts";
import type { ControlPlane, Service } from "./control-plane.ts";
import { StoppedError } from "./failures.ts";
import { serviceParts } from "./resource-name.ts";
import { RollOutJournal } from "./roll-out-journal.ts";

interface TakeBackOptions {
  readonly plane: ControlPlane;
  readonly tell: (line: string) => void;
  /** Reason, for the journal. */
  readonly why: string;
}

/**
 * Moves all traffic to the previous revision: undoes the roll-out in progress, otherwise the last completed one. Throws
 * `StoppedError` if there is neither.
 */
export async function takeBack(service: Service, { plane, tell, why }: TakeBackOptions): Promise<void> {
  const claim = claimOf(service);
  const rollOut = claim ?? lastRollOutOf(service);
  if (rollOut === undefined) {
    throw new StoppedError(`${serviceParts(plane.name).service} has no roll-out to roll back.`);
  }
  const { id, from } = rollOut;
  if (claim !== undefined) await releaseClaim(plane, claim, { kind: "rolled back" });
  else await undoLastRollOut(plane, rollOut);
  tell(`Rolled back. All traffic is on ${from}.`);
  const journal = new RollOutJournal({ plane, service, id, tell });
  await journal.rolledBack(`rolled back to ${from}: ${why}`);
  journal.close();
}
