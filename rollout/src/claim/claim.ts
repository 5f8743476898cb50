import type { Service } from "../control-plane.ts";
import { StoppedError } from "../failures.ts";

/** What a roll-out writes on its service once it has ended with all traffic on the new revision. */
export interface RollOut {
  /** Names the roll-out: the label of its revision, the end of its tag and of its deployment's id. */
  readonly id: string;
  readonly image: string;
  /** The revision that had all traffic before. */
  readonly from: string;
  /** The new revision. */
  readonly to: string;
}

/** What a roll-out that is under way writes on its service, so that no other begins and a later run can go on or go back. */
export interface Claim extends Omit<RollOut, "to"> {
  /** The process that holds it; another one that goes on puts itself here. */
  readonly runner: string;
  /** The new revision, once it is ready. */
  readonly to?: string;
  readonly percent: number;
  /** Until then the process is believed to be alive; RFC 3339. */
  readonly heldUntil: string;
}

/** The annotation of the service that holds the claim. */
export const claimAnnotation = "activity-events-rollout";
/** The annotation that holds the roll-out that was done last; empty when it was taken back. */
export const lastRollOutAnnotation = "activity-events-last-rollout";
/** The label of a revision that says which roll-out made it. */
export const rolloutLabel = "activity-events-rollout";

/** The tag of a roll-out's revision. */
export const tagOf = ({ id }: Pick<Claim, "id">) => `c-${id}`;

/** The claim on a service, if a roll-out is under way. */
export function claimOf({ annotations }: Service): Claim | undefined {
  const text = annotations?.[claimAnnotation];
  return text ? (JSON.parse(text) as Claim) : undefined;
}

/** The roll-out that a service has behind it, if there is one to go back from. */
export function lastRollOutOf({ annotations }: Service): RollOut | undefined {
  const text = annotations?.[lastRollOutAnnotation];
  return text ? (JSON.parse(text) as RollOut) : undefined;
}

/** Why another roll-out cannot begin while this claim is held. */
export function underWay({ id, percent, heldUntil }: Claim): string {
  return `The roll-out ${id} is under way, at ${percent} %, and holds the service until ${heldUntil}. Wait for it, or end it with \`rollback\`.`;
}

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
