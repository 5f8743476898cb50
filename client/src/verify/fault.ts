/** Kind of fault in a service's answers: a closed list, each with its meaning. */
export const faultKinds = {
  /** The service did not send a sequence that the head counts. */
  EVENT_MISSING: "an event is missing",
  /** An event did not have the next sequence. */
  EVENT_OUT_OF_ORDER: "an event is out of order",
  EVENT_UNREADABLE: "an event cannot be decoded",
  /** Name, ids and the requested deployment do not agree. */
  EVENT_NAMES: "an event's names do not agree",
  /** Two events of the deployment have the same id. */
  EVENT_ID_TWICE: "an event id is repeated",
  EVENT_TIME: "an event's receive time is missing or impossible",
  /** The event has no usable salt or commitment, so the history hash does not prove its content. */
  EVENT_UNPROVED: "an event holds what its commitment cannot prove",
  /** The event has lost its content, and no later `activityevents.redacted` names it. */
  EVENT_EMPTIED: "an event is emptied, and nothing says why",
  /** The service reports that it cannot read an event or a head. */
  STORE_DAMAGED: "the store is damaged",
  /** The list names the deployment, but it is not found. */
  DEPLOYMENT_MISSING: "a deployment is not found",
  /** The list skips the deployment, but it is found by its id. */
  LIST_INCOMPLETE: "the list omits a deployment",
  /** Pages of a list repeat or stay empty. */
  LIST_ENDLESS: "a list has no end",
  /** The list is not in the order newest first. */
  LIST_ORDER: "deployments are out of order",
  HEAD: "the head does not agree with the events",
  HISTORY_HASH: "the history hash does not agree with the events",
  // The history differs from the checkpoint:
  CHECKPOINT_HASH: "the history does not match the checkpoint",
  CHECKPOINT_SHORTER: "the history is shorter than in the checkpoint",
  CHECKPOINT_FROM: "the history hash starts later than in the checkpoint",
  CHECKPOINT_CREATE_TIME: "the deployment has another create time than in the checkpoint",
  CHECKPOINT_MISSING: "a deployment of the checkpoint is not found",
} as const;

/** Name of a kind of fault. */
export type FaultKind = keyof typeof faultKinds;

/** A fault and its place. */
export interface Fault {
  readonly kind: FaultKind;
  readonly deploymentId: string;
  /** Sequence of the event; undefined if the fault concerns the whole deployment. */
  readonly sequence: bigint | undefined;
  /** Text with the expected and the found value. */
  readonly description: string;
}

/** Tells whether the history differs from the checkpoint. */
export function isOfCheckpoint({ kind }: Fault): boolean {
  return kind.startsWith("CHECKPOINT_");
}
