import type { Deployment } from "./deployment.ts";
import { type NewEvent, type StoredEvent, storedEvent } from "./event.ts";
import { headAfter } from "./head-after.ts";
import type { DeploymentId, EventId } from "./identifiers.ts";

/** What the head sequence must be for an append to be written; 0: the deployment must not exist. */
export type ExpectedSequence = { readonly kind: "any" } | { readonly kind: "exactly"; readonly sequence: number };

/** What one call wants to append: all of it or nothing. */
export interface Append {
  readonly deploymentId: DeploymentId;
  /** One or more, each id at most once. */
  readonly events: readonly NewEvent[];
  readonly expected: ExpectedSequence;
  /** When the call arrived: microseconds since 1970. */
  readonly receiveTimeUs: number;
}

/** One event of an append as it stands now in the store. */
export interface Appended {
  readonly event: StoredEvent;
  /** It had been stored before, with the same content. */
  readonly duplicate: boolean;
}

/** An event whose id is taken by what seems to be other content. */
export interface Clash {
  /** The event's place in the append, from 0. */
  readonly index: number;
  readonly stored: StoredEvent;
}

/** What comes of an append, given what is stored. */
export type AppendPlan =
  | {
      readonly kind: "accepted";
      readonly results: readonly Appended[];
      /** The head afterwards; undefined when nothing is to be written. */
      readonly head: Deployment | undefined;
      /** What is to be written, in sequence order. */
      readonly writes: readonly EventWrite[];
    }
  | { readonly kind: "clash"; readonly clashes: readonly Clash[] }
  | { readonly kind: "mismatch"; readonly expectedSequence: number; readonly actualSequence: number };

/** An event that is to be written. */
export interface EventWrite {
  readonly event: NewEvent;
  readonly stored: StoredEvent;
  /** The history hash after it, 32 bytes. */
  readonly historyHash: Uint8Array;
}

/** What a plan has to know of the store. */
export interface StoredState {
  /** Its history hash goes up to its last event, or there is none. */
  readonly head: Deployment | undefined;
  /** The stored event of this id, if there is one. */
  readonly find: (eventId: EventId) => StoredEvent | undefined;
  /** Whether the stored event is known to have the content of the offered one. */
  readonly isSame: (stored: StoredEvent, offered: NewEvent) => boolean;
}

/**
 * Decides one append: duplicates and clashes before the expected sequence, so that the retry of a success stays a
 * success. The one plan that every adapter follows.
 */
export function planAppend(append: Append, state: StoredState): AppendPlan {
  const { deploymentId, events, expected, receiveTimeUs } = append;
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
