import { type Deployment, isPurged } from "./deployment.ts";
import { type NewEvent, type StoredEvent, storedEvent } from "./event.ts";
import { headAfter } from "./head-after.ts";
import type { DeploymentId, EventId } from "./identifiers.ts";

/** Required head sequence; 0 if the deployment must not exist. */
export type ExpectedSequence = { readonly kind: "any" } | { readonly kind: "exactly"; readonly sequence: number };

/** Append of one call, all or nothing. */
export interface Append {
  readonly deploymentId: DeploymentId;
  /** One or more events, each id at most once. */
  readonly events: readonly NewEvent[];
  readonly expected: ExpectedSequence;
  /** Arrival of the call, in microseconds since 1970. */
  readonly receiveTimeUs: number;
}

/** Result of one event of an append. */
export interface Appended {
  readonly event: StoredEvent;
  /** True if it was stored before with the same content. */
  readonly duplicate: boolean;
}

/** An event whose id is taken, probably by other content. */
export interface Clash {
  /** Index of the event in the append, from 0. */
  readonly index: number;
  readonly stored: StoredEvent;
}

/** Plan of an append, given the stored data. */
export type AppendPlan =
  | {
      readonly kind: "accepted";
      readonly results: readonly Appended[];
      /** New head; undefined if nothing is written. */
      readonly head: Deployment | undefined;
      /** Events to write, in sequence order. */
      readonly writes: readonly EventWrite[];
    }
  | { readonly kind: "clash"; readonly clashes: readonly Clash[] }
  /** The deployment is deleted or purged. */
  | { readonly kind: "gone"; readonly head: Deployment }
  | { readonly kind: "mismatch"; readonly expectedSequence: number; readonly actualSequence: number };

/** An event to write. */
export interface EventWrite {
  readonly event: NewEvent;
  readonly stored: StoredEvent;
  /** History hash after the event, 32 bytes. */
  readonly historyHash: Uint8Array;
}

/** Stored data that a plan needs. */
export interface StoredState {
  /** History hash up to its last event, if there is one. */
  readonly head: Deployment | undefined;
  /** Returns the stored event with this id, if any. */
  readonly find: (eventId: EventId) => StoredEvent | undefined;
  /** Tells whether the stored event is known to have the offered content. */
  readonly isSame: (stored: StoredEvent, offered: NewEvent) => boolean;
}

/**
 * Plans one append, for every adapter. Checks duplicates and conflicts before the expected sequence and the deployment's deletion,
 * so that the retry of a success stays a success. Of a purged deployment nothing is left to compare with.
 */
export function planAppend(append: Append, state: StoredState): AppendPlan {
  const { deploymentId, events, expected, receiveTimeUs } = append;
  if (state.head !== undefined && isPurged(state.head)) return { kind: "gone", head: state.head };
  const found: (StoredEvent | undefined)[] = [];
  const clashes: Clash[] = [];
  let allDuplicates = true;
  for (const [index, event] of events.entries()) {
    const stored = state.find(event.eventId);
    found.push(stored);
    if (stored === undefined) allDuplicates = false;
    else if (!state.isSame(stored, event)) clashes.push({ index, stored });
  }
  if (clashes.length > 0) return { kind: "clash", clashes };

  if (!allDuplicates && state.head?.standing === "deleted") return { kind: "gone", head: state.head };
  const actualSequence = state.head?.headSequence ?? 0;
  if (!allDuplicates && expected.kind === "exactly" && expected.sequence !== actualSequence) {
    return { kind: "mismatch", expectedSequence: expected.sequence, actualSequence };
  }

  let head = state.head;
  const writes: EventWrite[] = [];
  const results = events.map((event, index): Appended => {
    const before = found[index];
    if (before !== undefined) return { event: before, duplicate: true };
    const after = headAfter(head, deploymentId, event, receiveTimeUs);
    head = after;
    const stored = storedEvent(event, after.headSequence, receiveTimeUs);
    writes.push({ event, stored, historyHash: after.historyHash.hash });
    return { event: stored, duplicate: false };
  });
  return { kind: "accepted", results, head: allDuplicates ? undefined : head, writes };
}
