import type { AppendSeries } from "./append-series.ts";
import type { Append, Appended } from "./domain/append.ts";
import type { Deployment } from "./domain/deployment.ts";
import type { StoredEvent } from "./domain/event.ts";
import type { EventFilter } from "./domain/event-filter.ts";
import type { DeploymentId, EventId } from "./domain/identifiers.ts";
import type { DeploymentState } from "./domain/life-cycle.ts";
import type { DamagedPlace } from "./store-error.ts";

/**
 * Where events are kept: the port that every adapter implements, as the contract suite says. What goes wrong in a store
 * is thrown as StoreFaultError.
 */
export interface EventStore {
  /** What this store is and cannot do. */
  readonly traits: StoreTraits;

  /** Resolves, with the cause, when the store can never answer again; a closed store never does. */
  readonly died: Promise<Error>;

  /**
   * Stores the events of one call, all or none, and answers once they are safe: in request order, what was stored before
   * as a duplicate. Throws EventIdConflictError and SequenceMismatchError, with nothing written.
   */
  append(append: Append, options: AppendOptions): Promise<readonly Appended[]>;

  /** The stored event, or undefined. */
  readEvent(deploymentId: DeploymentId, eventId: EventId): Promise<StoredEvent | undefined>;

  /** One page of a deployment's events; empty when the deployment does not exist. */
  readEvents(request: ReadEvents): Promise<EventPage>;

  /** The head, read from the store and not from a cache, or undefined. */
  readDeployment(deploymentId: DeploymentId): Promise<Deployment | undefined>;

  /** One page of deployments: by create time descending, then by the bytes of the id descending. */
  readDeployments(request: ReadDeployments): Promise<DeploymentPage>;

  /**
   * One page of the events of all deployments in the order of their arrival, which is that of each deployment's sequences
   * too. A list holds what is stored when its first page is read, and nothing that arrives later. Rejects where the traits
   * say that the store keeps no such order.
   */
  readArrivals(request: ReadArrivals): Promise<ArrivalPage>;

  /**
   * Tells of what is stored in one deployment from now on, in sequence order, until it is closed. Only a hint: what is
   * stored while a listener is broken is not told, which a reader notices through the head. One that throws is told no
   * more; no append fails for it.
   */
  listen(deploymentId: DeploymentId, onNotice: (notice: Notice) => void): Listener;

  /** Resolves when the store answers, rejects when it does not. */
  probe(): Promise<void>;

  /** Finishes what is under way and lets the store go. */
  close(): Promise<void>;
}

/** Differences between stores, declared rather than caught. */
export interface StoreTraits {
  /** The value of the setting STORE that opens it. */
  readonly name: "memory" | "sqlite" | "firestore";
  /** Where and what it is, for the line that the service starts with. */
  readonly details: Readonly<Record<string, string | number>>;
  /** What is acknowledged survives the end of the process. */
  readonly durable: boolean;
  /** Events of all deployments can be read in the order of their arrival. */
  readonly arrivalOrder: boolean;
  /** What others than its owner may use of the store's folder and files, as it was when the store was opened. */
  readonly exposed: readonly ExposedPath[];
  /** What the store was opened without, because whoever opened it accepted that. */
  readonly acceptedLoss: AcceptedLoss | undefined;
}

/** Events that were acknowledged, or may have been, and that a store was opened without. */
export interface AcceptedLoss {
  /** What was wrong with the store's files, in a sentence. */
  readonly fault: string;
  /** The beginning of the names under which the files that it was about are kept. */
  readonly kept: string;
  /** How many events they are; undefined: nobody knows. */
  readonly events: number | undefined;
}

/** A file or folder, and its mode in octal digits. */
export interface ExposedPath {
  readonly path: string;
  readonly mode: string;
}

export interface AppendOptions {
  /** Milliseconds since 1970 after which nobody waits for the answer: what has not been handed over is dropped. */
  readonly deadlineMs: number;
  /** Aborted when the caller has given up. */
  readonly signal?: AbortSignal;
  /**
   * Set: the append is withdrawn when one before it in the series, to the same deployment, met a fault. It is never refused
   * for what waits already (TOO_MANY_WAITING): whoever sends a series bounds it, so that it need not break.
   */
  readonly series?: AppendSeries;
}

export interface ReadEvents {
  readonly deploymentId: DeploymentId;
  readonly order: "ascending" | "descending";
  /** Exclusive: where the page before ended. Undefined: from the first in this order. */
  readonly cursor: number | undefined;
  readonly filter: EventFilter;
  /** Events that the page may hold. */
  readonly eventsMax: number;
  /** Bytes on the wire (as wireBytesMax counts them) that the page may hold; one event always fits. */
  readonly bytesMax: number;
}

export interface EventPage {
  readonly events: readonly StoredEvent[];
  /** The last sequence that was looked at, matching or not; the request's cursor when there was none. */
  readonly cursor: number | undefined;
  /** How many events were looked at up to the cursor, matching or not. */
  readonly looked: number;
  /** There may be events after the cursor. */
  readonly more: boolean;
}

/** The set conditions are combined by AND; empty ones match all. */
export interface DeploymentFilter {
  readonly environment: string;
  readonly service: string;
  readonly state: DeploymentState | undefined;
}

/** Where a list of deployments is: after this one. */
export interface DeploymentCursor {
  readonly createTimeUs: number;
  readonly deploymentId: DeploymentId;
}

export interface ReadDeployments {
  readonly cursor: DeploymentCursor | undefined;
  readonly filter: DeploymentFilter;
  readonly deploymentsMax: number;
}

export interface DeploymentPage {
  readonly deployments: readonly Deployment[];
  /** The last deployment that was looked at, matching or not; undefined: the list ends here. */
  readonly next: DeploymentCursor | undefined;
}

/** Where a list of arrivals is, in the store's own numbers: after this one, and its last; and how many events it had so far. */
export interface ArrivalCursor {
  readonly after: number;
  readonly last: number;
  readonly listed: number;
}

export interface ReadArrivals {
  /** Where the page before ended. Undefined: from the first, up to the last that is stored now. */
  readonly cursor: ArrivalCursor | undefined;
  /** Events that the page may hold. */
  readonly eventsMax: number;
  /** Bytes on the wire (as wireBytesMax counts them) that the page may hold; one event always fits. */
  readonly bytesMax: number;
}

/** An event with the deployment that it belongs to. */
export interface Arrival {
  readonly deploymentId: DeploymentId;
  readonly event: StoredEvent;
}

export interface ArrivalPage {
  readonly arrivals: readonly Arrival[];
  /** Where events arrived that the store cannot give back; they count as the page's events do. */
  readonly damaged: readonly DamagedPlace[];
  /** Undefined: the list ends here. */
  readonly next: ArrivalCursor | undefined;
}

/** There is more, up to the head sequence. */
export interface Notice {
  readonly headSequence: number;
  /** The newest of it, as far as the listener has it at hand; none when it only knows that it is there. */
  readonly events: readonly StoredEvent[];
}

export interface Listener {
  /** Resolves when it tells of all that is stored from then on. */
  readonly ready: Promise<void>;
  close(): void;
}
