import type { Service } from "../control-plane.ts";
import { StoppedError } from "../failures.ts";

/** A completed roll-out, as written on its service. */
export interface RollOut {
  /** Id of the roll-out: label of its revision, and end of its tag and of its deployment's id. */
  readonly id: string;
  readonly image: string;
  /** Revision that had all traffic before. */
  readonly from: string;
  /** New revision. */
  readonly to: string;
}

/** A roll-out in progress, as written on its service. It blocks other roll-outs, and lets a later run continue or undo it. */
export interface Claim extends Omit<RollOut, "to"> {
  /** Process that holds the claim. */
  readonly runner: string;
  /** New revision, once it is ready. */
  readonly to?: string;
  readonly percent: number;
  /** Time until which the process counts as alive; RFC 3339. */
  readonly heldUntil: string;
}

/** Annotation of the service with the claim. */
export const claimAnnotation = "activity-events-rollout";
/** Annotation with the last completed roll-out; empty after a rollback. */
export const lastRollOutAnnotation = "activity-events-last-rollout";
/** Label of a revision with the id of its roll-out. */
export const rolloutLabel = "activity-events-rollout";

/** Returns the tag of a roll-out's revision. */
export const tagOf = ({ id }: Pick<Claim, "id">) => `c-${id}`;

/** Reads the claim on a service, if a roll-out is in progress. */
export function claimOf({ annotations }: Service): Claim | undefined {
  const text = annotations?.[claimAnnotation];
  return text ? (JSON.parse(text) as Claim) : undefined;
}

/** Reads the last completed roll-out of a service, if it can be rolled back. */
export function lastRollOutOf({ annotations }: Service): RollOut | undefined {
  const text = annotations?.[lastRollOutAnnotation];
  return text ? (JSON.parse(text) as RollOut) : undefined;
}

/** Explains why no other roll-out can start while this claim is held. */
export function underWay({ id, percent, heldUntil }: Claim): string {
  return `Roll-out ${id} is in progress at ${percent} % and holds the service until ${heldUntil}. Wait for it, or end it with \`rollback\`.`;
}

/** Throws `StoppedError` if this process does not hold the claim on a service. */
export function requireHolder(service: Service, { id, runner }: Claim): void {
  const claim = claimOf(service);
  if (claim?.id === id && claim.runner === runner) return;
  throw new StoppedError(
    `Somebody else took over from roll-out ${id}: ${whatBecame(id, claim)}. This run leaves the traffic to them.`,
  );
}

function whatBecame(id: string, claim: Claim | undefined): string {
  if (claim === undefined) return "it ended with `rollback`, or another run of the command completed it";
  return claim.id === id ? "another run of the command continues it" : `roll-out ${claim.id} holds the service`;
}
