import type { Deployment } from "./domain/deployment.ts";
import type { DeploymentId, EventId } from "./domain/identifiers.ts";

/** Reason of a store's fault; each is a reason of the contract's ErrorReason. */
export type StoreFaultReason =
  | "STORE_FULL"
  | "STORE_READ_ONLY"
  | "STORE_IO_ERROR"
  | "STORE_UNAVAILABLE"
  | "STORE_DAMAGED"
  | "STORE_REFUSED"
  | "DEADLINE_PASSED"
  | "TOO_MANY_WAITING";

/** Place of damage in a store, as far as known. */
export interface DamagedPlace {
  readonly deploymentId: DeploymentId;
  readonly sequence?: number;
  /**
   * Create time of a damaged head in a list of deployments, in microseconds since 1970, from which the list can
   * continue.
   */
  readonly createTimeUs?: number;
}

/** Place of a damaged event. */
export type DamagedEventPlace = DamagedPlace & { readonly sequence: number };

/** The store failed. */
export class StoreFaultError extends Error {
  override readonly name = "StoreFaultError";
  readonly reason: StoreFaultReason;
  /** Place of STORE_DAMAGED, if known. */
  readonly place: DamagedPlace | undefined;

  constructor(
    reason: StoreFaultReason,
    message: string,
    options: ErrorOptions & { readonly place?: DamagedPlace } = {},
  ) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.reason = reason;
    this.place = options.place;
  }
}

/** Makes the fault for contradictory data at a place; the message describes it. */
export function damageAt(place: DamagedPlace, message: string, options?: ErrorOptions): StoreFaultError {
  return new StoreFaultError("STORE_DAMAGED", message, { ...options, place });
}

/** Makes the fault for an event that its deployment's head does not count, so that the head is from before it. */
export function aboveHead({ deploymentId, sequence }: DamagedEventPlace): StoreFaultError {
  return damageAt({ deploymentId, sequence }, `event ${sequence} of ${deploymentId} is above its head`);
}

/** An event of an append with the id of a stored event with other content. */
export interface EventIdConflict {
  /** Index of the event in the append, from 0. */
  readonly index: number;
  readonly eventId: EventId;
  /** Sequence of the stored event. */
  readonly sequence: number;
  /** Differing fields of the contract; none if the stored event was redacted. */
  readonly fields: readonly string[];
  /** True if the stored event was redacted, so that nobody can say what differs. */
  readonly redacted: boolean;
}

/** Ids of an append belong to other content; nothing was written. */
export class EventIdConflictError extends Error {
  override readonly name = "EventIdConflictError";
  readonly reason = "EVENT_ID_CONFLICT";
  readonly deploymentId: DeploymentId;
  readonly conflicts: readonly EventIdConflict[];

  constructor(deploymentId: DeploymentId, conflicts: readonly EventIdConflict[]) {
    const [first] = conflicts;
    const fields = first?.fields ?? [];
    const differ = fields.length === 1 ? "differs" : "differ";
    const what = first?.redacted ? "it was redacted" : `${fields.join(", ")} ${differ}`;
    super(`event ${first?.eventId} of deployment ${deploymentId} is stored with other content: ${what}`);
    this.deploymentId = deploymentId;
    this.conflicts = conflicts;
  }
}

/** The deployment is deleted or purged and takes no new events; nothing was written. */
export class DeploymentGoneError extends Error {
  override readonly name = "DeploymentGoneError";
  readonly reason: "DEPLOYMENT_DELETED" | "DEPLOYMENT_PURGED";
  readonly head: Deployment;

  constructor(head: Deployment) {
    const isDeleted = head.standing === "deleted";
    super(`deployment ${head.deploymentId} is ${isDeleted ? "deleted" : "purged"}`);
    this.reason = isDeleted ? "DEPLOYMENT_DELETED" : "DEPLOYMENT_PURGED";
    this.head = head;
  }
}

/** The deployment's head is not the expected one; nothing was written. */
export class SequenceMismatchError extends Error {
  override readonly name = "SequenceMismatchError";
  readonly reason = "SEQUENCE_MISMATCH";
  readonly deploymentId: DeploymentId;
  readonly expectedSequence: number;
  readonly actualSequence: Deployment["headSequence"];

  constructor(deploymentId: DeploymentId, expectedSequence: number, actualSequence: number) {
    super(`deployment ${deploymentId} has head sequence ${actualSequence}, not ${expectedSequence}`);
    this.deploymentId = deploymentId;
    this.expectedSequence = expectedSequence;
    this.actualSequence = actualSequence;
  }
}

/** The store could not be opened; the message is one line for the operator. */
export class StoreOpenError extends Error {
  override readonly name = "StoreOpenError";
}
