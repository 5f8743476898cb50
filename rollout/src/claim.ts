/** What a roll-out that is under way writes on its service, so that no other begins and a later run can go on or go back. */
export interface Claim {
  /** Names the roll-out: the label of its revision, the end of its tag and of its deployment's id. */
  readonly id: string;
  /** The process that holds it; another one that goes on puts itself here. */
  readonly runner: string;
  readonly image: string;
  /** The revision that had all traffic before. */
  readonly from: string;
  /** The new revision, once it is ready. */
  readonly to?: string;
  readonly percent: number;
  /** Until then the process is believed to be alive; RFC 3339. */
  readonly heldUntil: string;
}

/** The annotation of the service that holds the claim. */
export const claimAnnotation = "activity-events-rollout";
/** The annotation with the revision to which `rollback` goes after a roll-out has ended. */
export const previousAnnotation = "activity-events-previous-revision";
/** The label of a revision that says which roll-out made it. */
export const rolloutLabel = "activity-events-rollout";

type Annotations = Readonly<Record<string, string>> | null | undefined;

/** The claim on a service, if a roll-out is under way. */
export function claimOf(service: { readonly annotations?: Annotations }): Claim | undefined {
  const text = service.annotations?.[claimAnnotation];
  return text ? (JSON.parse(text) as Claim) : undefined;
}
