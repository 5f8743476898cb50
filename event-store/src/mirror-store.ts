import type { Deployment } from "./domain/deployment.ts";
import type { StoredEvent } from "./domain/event.ts";
import type { DeploymentId, EventId } from "./domain/identifiers.ts";

/**
 * What the mirror knows of the store: the events in order, how far each deployment is mirrored, and which heads say that
 * something may be left. What goes wrong is thrown as StoreFaultError.
 */
export interface MirrorStore {
  /** How far the deployment is mirrored; 0 when it never was. */
  readPosition(deploymentId: DeploymentId): Promise<MirrorPosition>;

  /** Moves the position forward, if nobody else has moved it since `from` was read; undefined: somebody has. */
  advance(from: MirrorPosition, mirroredSequence: number): Promise<MirrorPosition | undefined>;

  /** The events after the sequence, in order, as far as they fit; one always does. A sequence that is missing is left out. */
  readEvents(request: ReadMirrorEvents): Promise<readonly MirrorEvent[]>;

  /** The head, or undefined. */
  readHead(deploymentId: DeploymentId): Promise<Deployment | undefined>;

  /** One page of the deployments whose head says that events may be unmirrored, by id ascending. */
  readPending(request: {
    readonly after: DeploymentId | undefined;
    readonly deploymentsMax: number;
  }): Promise<readonly PendingDeployment[]>;

  /** Says that nothing is left, if the head is still the one that was read; false: it is not. */
  clearPending(pending: PendingDeployment): Promise<boolean>;

  /** The deployment at which the last sweep stopped, or undefined: from the start. */
  readSweepCursor(): Promise<DeploymentId | undefined>;

  writeSweepCursor(cursor: DeploymentId | undefined): Promise<void>;

  close(): Promise<void>;
}

/** How far one deployment is mirrored. */
export interface MirrorPosition {
  readonly deploymentId: DeploymentId;
  readonly mirroredSequence: number;
  /** When it last moved, in microseconds since 1970; undefined when it never did. */
  readonly movedTimeUs: number | undefined;
  /** What compare and set compares; undefined: there is no position yet. */
  readonly version: unknown;
}

/** A document of an event: readable, or only its place is. */
export type MirrorEvent =
  | {
      readonly kind: "event";
      readonly event: StoredEvent;
      /** The history hash after it; undefined: a program stored the event which knew none. */
      readonly historyHash: Uint8Array | undefined;
    }
  | { readonly kind: "unreadable"; readonly eventId: EventId; readonly sequence: number };

export interface ReadMirrorEvents {
  readonly deploymentId: DeploymentId;
  readonly afterSequence: number;
  readonly eventsMax: number;
  /** Bytes on the wire, as wireBytesMax counts them. */
  readonly bytesMax: number;
}

/** A deployment of which events may be unmirrored. */
export interface PendingDeployment {
  readonly deploymentId: DeploymentId;
  readonly headSequence: number;
  readonly createTimeUs: number;
  /** When its head was last written, in microseconds since 1970. */
  readonly writtenTimeUs: number;
  /** What clearPending compares. */
  readonly version: unknown;
}
