import type { AppendSeries } from "./append-series.ts";
import type { Append, Appended } from "./domain/append.ts";
import type { Deployment } from "./domain/deployment.ts";
import type { DeploymentFilter } from "./domain/deployment-filter.ts";
import type { NewEvent, StoredEvent } from "./domain/event.ts";
import type { EventFilter } from "./domain/event-filter.ts";
import type { DeploymentId, EventId } from "./domain/identifiers.ts";
import type { ImportEvents, Imported } from "./domain/plan-import.ts";
import type { RedactEvent, Redacted } from "./domain/plan-redaction.ts";
import type { RedactionKey } from "./domain/redaction.ts";
import type { DamagedPlace } from "./store-error.ts";

/**
 * Stores events: the port that every adapter implements, as the contract suite tests. Faults of a store are thrown as
 * StoreFaultError.
 */
export interface EventStore {
  /** Properties and limitations of this store. */
  readonly traits: StoreTraits;

  /** Resolves with the cause if the store can never answer again; never after `close`. */
  readonly died: Promise<Error>;

  /**
   * Stores the events of one call, all or none, and resolves once they are safe, in request order; events stored before
   * are duplicates. Throws EventIdConflictError and SequenceMismatchError without writing anything.
   */
  append(append: Append, options: AppendOptions): Promise<readonly Appended[]>;

  /** Reads an event, if stored; none of a deployment that is purged or, unless asked for, deleted. */
  readEvent(deploymentId: DeploymentId, eventId: EventId, options?: ReadOptions): Promise<StoredEvent | undefined>;

  /**
   * Reads one page of a deployment's events; empty if the deployment does not exist, is purged or, unless asked for, deleted.
   */
  readEvents(request: ReadEvents): Promise<EventPage>;

  /** Reads the head, if any, from the store and not from a cache; also of a deployment that is deleted or purged. */
  readDeployment(deploymentId: DeploymentId): Promise<Deployment | undefined>;

  /**
   * Reads one page of deployments: by create time descending, then by the bytes of the id descending. Deleted and purged ones only
   * if asked for.
   */
  readDeployments(request: ReadDeployments): Promise<DeploymentPage>;

  /**
   * Reads one page of the events of all kept deployments in order of arrival, which keeps the sequences of each deployment.
   * A list has the events stored at its first page. Throws if the traits declare that the store does not keep this
   * order.
   */
  readArrivals(request: ReadArrivals): Promise<ArrivalPage>;

  /**
   * Reports new events of one deployment in sequence order, until it is closed. Only a hint: a broken listener misses
   * events, which readers notice through the head. A callback that throws is not called again and fails no append.
   */
  listen(deploymentId: DeploymentId, onNotice: (notice: Notice) => void): Listener;

  /**
   * Reports the deployments whose heads change, of all that the store holds, until it is closed. Only a hint that there is something to
   * read: one report may stand for many changes. Callbacks that throw count as broken and get no more.
   */
  watch(options: WatchOptions): Listener;

  /** Empties an event and appends the notice of it, in one commit. The emptied bytes are then in none of the store's files. */
  redactEvent(redaction: RedactEvent, options: EditOptions): Promise<Redacted>;

  /**
   * Deletes a deployment, which hides it, or undeletes it, and returns its head; undefined if there is none. A deployment that
   * stands so already is left as it is, and a purged one too.
   */
  hideDeployment(deploymentId: DeploymentId, isHidden: boolean, options: EditOptions): Promise<Deployment | undefined>;

  /**
   * Begins a purge: appends the notice of it and marks the head in one commit. From then on nothing of the deployment is
   * appended or read. Returns its head, also if a purge has begun before; undefined if there is no deployment.
   */
  beginPurge(purge: BeginPurge, options: EditOptions): Promise<Deployment | undefined>;

  /**
   * Removes some events of a deployment whose purge has begun; at the last, empties its head, which stays as its tombstone. May be
   * called again after any failure.
   */
  purgeSome(deploymentId: DeploymentId, options: PurgeOptions): Promise<Purged>;

  /**
   * Stores events as another store exported them: ids, sequences, times, salts and history hash stay. A part that does not fit stores
   * nothing; one that fits may take several commits, of which each continues the deployment. What is there already is left as it is, so that
   * an import that failed can be repeated.
   */
  importEvents(part: ImportEvents, options: EditOptions): Promise<Imported>;

  /**
   * Resolves when the bytes that redactions and purges have removed are in none of the store's files; at once if there are none. An edit
   * waits for that itself, unless it puts it off; if it failed for that alone, this finishes it.
   */
  finishEmptying(options: EditOptions): Promise<void>;

  /** Returns the keys by which redacted contents are recognized, by id ascending. */
  redactionKeys(): Promise<readonly RedactionKey[]>;

  /** Adds keys of another store, to recognize contents that were redacted there. */
  addRedactionKeys(keys: readonly RedactionKey[]): Promise<void>;

  /** Returns how many events of a deployment the mirror has yet to publish; always 0 where there is no mirror. */
  unmirroredEvents(deploymentId: DeploymentId): Promise<number>;

  /** Returns the store's key for page tokens: 32 random bytes, made at the first request and the same for ever. */
  pageTokenKey(): Promise<Uint8Array>;

  /** Resolves if the store answers, throws if not. */
  probe(): Promise<void>;

  /** Finishes pending work and releases the store. */
  close(): Promise<void>;
}

/** Differences between stores, declared rather than caught. */
export interface StoreTraits {
  /** Value of the setting STORE. */
  readonly name: "memory" | "sqlite" | "firestore";
  /** Details for the line that the service logs at start. */
  readonly details: Readonly<Record<string, string | number>>;
  /** True if acknowledged events survive the end of the process. */
  readonly durable: boolean;
  /** True if the events of all deployments can be read in order of arrival. */
  readonly arrivalOrder: boolean;
  /** True if a mirror publishes on a topic what is stored. */
  readonly mirrored: boolean;
  /** True if other instances, maybe of older versions, write the same store. */
  readonly shared: boolean;
  /** Folder and files that other users than the owner may access, at the time of opening. */
  readonly exposed: readonly ExposedPath[];
  /** Loss that the opener accepted. */
  readonly acceptedLoss: AcceptedLoss | undefined;
}

/** Events, acknowledged or possibly so, that are missing from an opened store. */
export interface AcceptedLoss {
  /** Sentence about the fault of the store's files. */
  readonly fault: string;
  /** Prefix of the names under which the affected files are kept; undefined if they stay in use. */
  readonly kept: string | undefined;
  /** Number of events; undefined if unknown. */
  readonly events: number | undefined;
}

/** A file or folder, and its mode in octal. */
export interface ExposedPath {
  readonly path: string;
  readonly mode: string;
}

export interface AppendOptions {
  /** Deadline in ms since 1970; appends that are not handed over by then are dropped. */
  readonly deadlineMs: number;
  /** Aborted when the caller has left. */
  readonly signal?: AbortSignal;
  /**
   * Series of the append. It is withdrawn if an earlier one to the same deployment met a fault, and never refused with
   * TOO_MANY_WAITING, because the sender bounds its series and must not have to break it.
   */
  readonly series?: AppendSeries;
}

/** Bounds of a change to what is stored. */
export interface EditOptions {
  /** Deadline in ms since 1970; what is not handed over by then is dropped. */
  readonly deadlineMs: number;
}

export interface PurgeOptions extends EditOptions {
  /**
   * True to leave the removed bytes in the store's files until `finishEmptying`, which the caller calls after many purges: emptying holds up
   * appends, for longer the larger the file. Stores that empty no files ignore it.
   */
  readonly emptyLater?: boolean | undefined;
}

export interface BeginPurge {
  readonly deploymentId: DeploymentId;
  /** Event that tells of the purge, the deployment's last. */
  readonly notice: NewEvent;
  /** Arrival of the call, in microseconds since 1970. */
  readonly receiveTimeUs: number;
}

export interface Purged {
  /** Number of events that this step has removed. */
  readonly events: number;
  /** True if there are more. */
  readonly more: boolean;
}

export interface ReadOptions {
  /** True to read of deleted deployments too. */
  readonly hidden?: boolean | undefined;
}

export interface ReadEvents extends ReadOptions {
  readonly deploymentId: DeploymentId;
  readonly order: "ascending" | "descending";
  /** Exclusive end of the previous page; undefined for the first. */
  readonly cursor: number | undefined;
  readonly filter: EventFilter;
  /** Most events of the page. */
  readonly eventsMax: number;
  /** Most bytes of the page on the wire, as wireBytesMax counts them; one event always fits. */
  readonly bytesMax: number;
}

export interface EventPage {
  readonly events: readonly StoredEvent[];
  /** Last examined sequence, matching or not; the request's cursor if there was none. */
  readonly cursor: number | undefined;
  /** Number of events examined up to the cursor, matching or not. */
  readonly looked: number;
  /** True if there may be events after the cursor. */
  readonly more: boolean;
}

/** Position of a list of deployments: after this one. */
export interface DeploymentCursor {
  readonly createTimeUs: number;
  readonly deploymentId: DeploymentId;
}

export interface ReadDeployments extends ReadOptions {
  readonly cursor: DeploymentCursor | undefined;
  readonly filter: DeploymentFilter;
  readonly deploymentsMax: number;
}

export interface DeploymentPage {
  readonly deployments: readonly Deployment[];
  /** Last examined deployment, matching or not; undefined at the end of the list. */
  readonly next: DeploymentCursor | undefined;
}

/**
 * Position of a list of arrivals, in the store's own numbers: after this one, up to the last; and the number of its
 * events so far.
 */
export interface ArrivalCursor {
  readonly after: number;
  readonly last: number;
  readonly listed: number;
}

export interface ReadArrivals {
  /** End of the previous page; undefined for the first, which goes up to the last event stored now. */
  readonly cursor: ArrivalCursor | undefined;
  /** Most events of the page. */
  readonly eventsMax: number;
  /** Most bytes of the page on the wire, as wireBytesMax counts them; one event always fits. */
  readonly bytesMax: number;
}

/** An event with its deployment. */
export interface Arrival {
  readonly deploymentId: DeploymentId;
  readonly event: StoredEvent;
}

export interface ArrivalPage {
  readonly arrivals: readonly Arrival[];
  /** Places of unreadable events; they count like the page's events. */
  readonly damaged: readonly DamagedPlace[];
  /** Undefined at the end of the list. */
  readonly next: ArrivalCursor | undefined;
}

/** Notice of new events, up to the head sequence. */
export interface Notice {
  readonly headSequence: number;
  /** Newest events that the listener has; empty if it only knows that there are some. */
  readonly events: readonly StoredEvent[];
  /** True if stored events, or the standing of the deployment, have changed: its head tells. */
  readonly edited?: boolean | undefined;
}

export interface WatchOptions {
  /** Interval in ms at which a store that others write as well is asked whether a report is missing. */
  readonly intervalMs: number;
  readonly onChanged: (deploymentIds: readonly DeploymentId[]) => void;
  /** Changes may have gone unreported: only a list of all deployments tells what is there. */
  readonly onMissed: () => void;
  /** The source of the reports had fallen silent and was replaced; what it kept back is reported. */
  readonly onSilent: () => void;
}

export interface Listener {
  /** Resolves when it reports every later event. */
  readonly ready: Promise<void>;
  close(): void;
}
