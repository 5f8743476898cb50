import type { Deployment } from "./domain/deployment.ts";
import type { DeploymentId, EventId } from "./domain/identifiers.ts";

/** Why a store could not do what was asked; each is a reason of the contract's ErrorReason. */
export type StoreFaultReason =
  | "STORE_FULL"
  | "STORE_READ_ONLY"
  | "STORE_IO_ERROR"
  | "STORE_UNAVAILABLE"
  | "STORE_DAMAGED"
  | "STORE_REFUSED"
  | "DEADLINE_PASSED"
  | "TOO_MANY_WAITING";

/** Where a store is damaged, as far as it can tell. */
export interface DamagedPlace {
  readonly deploymentId: DeploymentId;
  readonly sequence?: number;
  /** Of a head that a list of deployments has met, in microseconds since 1970: where the list can go on. */
  readonly createTimeUs?: number;
}

/** Where an event is damaged. */
export type DamagedEventPlace = DamagedPlace & { readonly sequence: number };

/** The store could not do what was asked. */
export class StoreFaultError extends Error {
  override readonly name = "StoreFaultError";
  readonly reason: StoreFaultReason;
  /** Of STORE_DAMAGED, where it is known. */
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

/** What is stored at a place contradicts itself; the message says how. */
export function damageAt(place: DamagedPlace, message: string, options?: ErrorOptions): StoreFaultError {
  return new StoreFaultError("STORE_DAMAGED", message, { ...options, place });
}

/** An event of an append whose id names a stored event with other content. */
export interface EventIdConflict {
  /** The event's place in the append, from 0. */
  readonly index: number;
  readonly eventId: EventId;
  /** The sequence of the stored event. */
  readonly sequence: number;
  /** The fields of the contract that differ. */
  readonly fields: readonly string[];
}

/** Ids of an append are taken by other content; nothing was written. */
export class EventIdConflictError extends Error {
  override readonly name = "EventIdConflictError";
  readonly reason = "EVENT_ID_CONFLICT";
  readonly deploymentId: DeploymentId;
  readonly conflicts: readonly EventIdConflict[];

  constructor(deploymentId: DeploymentId, conflicts: readonly EventIdConflict[]) {
    const [first] = conflicts;
    const fields = first?.fields ?? [];
    const differ = fields.length === 1 ? "differs" : "differ";
    super(
      `event ${first?.eventId} of deployment ${deploymentId} is stored with other content: ${fields.join(", ")} ${differ}`,
    );
    this.deploymentId = deploymentId;
    this.conflicts = conflicts;
  }
}

/** The deployment's head is not where the append expects it; nothing was written. */
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

/** The store could not be opened; the message is one line for whoever starts the service. */
export class StoreOpenError extends Error {
  override readonly name = "StoreOpenError";
}
