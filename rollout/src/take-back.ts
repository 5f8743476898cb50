import { releaseClaim, undoLastRollOut } from "./claim/change-claim.ts";
import { claimOf, lastRollOutOf } from "./claim/claim.ts";
import type { ControlPlane, Service } from "./control-plane.ts";
import { StoppedError } from "./failures.ts";
import { serviceParts } from "./resource-name.ts";
import { RollOutJournal } from "./roll-out-journal.ts";

interface TakeBackOptions {
  readonly plane: ControlPlane;
  readonly tell: (line: string) => void;
  /** For the log. */
  readonly why: string;
}

/**
 * Puts all traffic on the revision before: from the roll-out that is under way, else from the one that was done last. Throws
 * `StoppedError` when there is neither.
 */
export async function takeBack(service: Service, { plane, tell, why }: TakeBackOptions): Promise<void> {
  const claim = claimOf(service);
  const rollOut = claim ?? lastRollOutOf(service);
  if (rollOut === undefined) {
    throw new StoppedError(`${serviceParts(plane.name).service} has no roll-out to go back from.`);
  }
  const { id, from } = rollOut;
  if (claim !== undefined) await releaseClaim(plane, claim, { kind: "rolled back" });
  else await undoLastRollOut(plane, rollOut);
  tell(`All traffic is back on ${from}.`);
  const journal = new RollOutJournal({ plane, service, id, tell });
  await journal.rolledBack(`all traffic is back on ${from}: ${why}`);
  journal.close();
}
