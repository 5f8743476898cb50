/** Kind of fault in a service's answers: a closed list, each with its meaning. */
export const faultKinds = {
  /** A sequence that the head counts did not come. */
  EVENT_MISSING: "an event is missing",
  /** An event came at a place that is not the next one. */
  EVENT_OUT_OF_ORDER: "an event is out of order",
  EVENT_UNREADABLE: "an event cannot be decoded",
  /** Name, ids and the deployment that was asked for do not agree. */
  EVENT_NAMES: "an event's names do not agree",
  /** Two events of the deployment have one id. */
  EVENT_ID_TWICE: "an event id is there twice",
  EVENT_TIME: "an event's receive time is missing or impossible",
  /** The history hash takes nothing that the event could be held to. */
  EVENT_UNPROVED: "an event holds what its commitment cannot prove",
  /** The service itself says that it cannot read an event or a head. */
  STORE_DAMAGED: "the store is damaged",
  /** The list names it, and it is not found. */
  DEPLOYMENT_MISSING: "a deployment is not found",
  /** The list of all goes past its place without it, and it is found by its id. */
  LIST_INCOMPLETE: "the list leaves a deployment out",
  /** The pages of a list come again, or bring nothing. */
  LIST_ENDLESS: "a list has no end",
  /** The list is not the newest first. */
  LIST_ORDER: "deployments are out of order",
  HEAD: "the head does not agree with the events",
  HISTORY_HASH: "the history hash does not agree with the events",
  /** The ways in which a history is not the one that a checkpoint was taken of. */
  CHECKPOINT_HASH: "the history is not the one that was kept",
  CHECKPOINT_SHORTER: "the history is shorter than the one that was kept",
  CHECKPOINT_FROM: "the history hash begins later than the one that was kept",
  CHECKPOINT_CREATE_TIME: "the deployment is not the one that was kept",
  CHECKPOINT_MISSING: "a deployment that was kept is not found",
} as const;

/** The name of a kind of fault. */
export type FaultKind = keyof typeof faultKinds;

/** One fault and where it is. */
export interface Fault {
  readonly kind: FaultKind;
  readonly deploymentId: string;
  /** Undefined: it is of the deployment as a whole. */
  readonly sequence: bigint | undefined;
  /** In words, with what was expected and what was found. */
  readonly description: string;
}

/** Tells whether a fault says that the history differs from the kept one. */
export function isOfCheckpoint({ kind }: Fault): boolean {
  return kind.startsWith("CHECKPOINT_");
}
