import type { StoredEvent } from "./domain/event.ts";
import type { DeploymentId, EventId } from "./domain/identifiers.ts";

/** The mirror's view of the store: events in order, positions, and pending heads. Throws StoreFaultError. */
export interface MirrorStore {
  /** Reads the deployment's position; 0 if it was never mirrored. */
  readPosition(deploymentId: DeploymentId): Promise<MirrorPosition>;

  /** Advances the position, unless it has moved since `from` was read; returns undefined in that case. */
  advance(from: MirrorPosition, mirroredSequence: number): Promise<MirrorPosition | undefined>;

  /** Reads the events after the sequence, in order, within the bounds; one event always fits. Omits missing sequences. */
  readEvents(request: ReadMirrorEvents): Promise<readonly MirrorEvent[]>;

  /** Reads what a run needs of the head and nothing else of it, since a newer service may have written it. */
  readHead(deploymentId: DeploymentId): Promise<MirrorHead>;

  /** Reads one page of deployments with a pending flag, by id ascending. */
  readPending(request: {
    readonly after: DeploymentId | undefined;
    readonly deploymentsMax: number;
  }): Promise<readonly PendingDeployment[]>;

  /** Clears the flag if the head is unchanged since it was read; returns false if not. */
  clearPending(pending: PendingDeployment): Promise<boolean>;

  /** Reads the deployment at which the last sweep stopped; undefined for the start. */
  readSweepCursor(): Promise<DeploymentId | undefined>;

  writeSweepCursor(cursor: DeploymentId | undefined): Promise<void>;

  close(): Promise<void>;
}

/** A head as the mirror needs it. */
export interface MirrorHead {
  /** 0 if there is no head. */
  readonly headSequence: number;
  /** True if a purge has begun, so that documents may be gone. */
  readonly isPurged: boolean;
}

/** Mirror position of one deployment. */
export interface MirrorPosition {
  readonly deploymentId: DeploymentId;
  readonly mirroredSequence: number;
  /** Time of the last change, in microseconds since 1970; undefined if it never moved. */
  readonly movedTimeUs: number | undefined;
  /** Token for compare and set; undefined if there is no position yet. */
  readonly version: unknown;
}

/** Document of an event: readable, or only its position is. */
export type MirrorEvent =
  | {
      readonly kind: "event";
      readonly event: StoredEvent;
      /** History hash after the event; undefined if a program without them stored it. */
      readonly historyHash: Uint8Array | undefined;
      /** True if another store exported the event: its times are from there. */
      readonly imported: boolean;
    }
  | { readonly kind: "unreadable"; readonly eventId: EventId; readonly sequence: number };

export interface ReadMirrorEvents {
  readonly deploymentId: DeploymentId;
  readonly afterSequence: number;
  readonly eventsMax: number;
  /** Size on the wire in bytes, as wireBytesMax counts it. */
  readonly bytesMax: number;
}

/** A deployment that may have unmirrored events. */
export interface PendingDeployment {
  readonly deploymentId: DeploymentId;
  readonly headSequence: number;
  readonly createTimeUs: number;
  /** Time of the head's last write, in microseconds since 1970. */
  readonly writtenTimeUs: number;
  /** Token for clearPending. */
  readonly version: unknown;
}
