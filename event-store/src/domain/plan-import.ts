import { type Deployment, foldEvent } from "./deployment.ts";
import type { EventFacts, StoredEvent } from "./event.ts";
import { commitmentOf, type HistoryHash, withCommitment } from "./history-hash.ts";
import { purgeTombstone } from "./plan-edit.ts";

/** An event as another store exported it. */
export interface ImportedEvent {
  readonly stored: StoredEvent;
  readonly facts: EventFacts;
  /** History hash after the event that the export tells; undefined before the first event of the chain, and where it tells none. */
  readonly historyHash?: Uint8Array | undefined;
}

/** The head of an exported deployment, as far as its events do not tell it. */
export interface ExportedHead extends Pick<Deployment, "deploymentId" | "headSequence" | "edits" | "standing"> {
  /** Last pair of the export; undefined if its store had computed none. */
  readonly historyHash: HistoryHash | undefined;
  /** Receive times of the first event and the latest. */
  readonly createTimeUs: number;
  readonly updateTimeUs: number;
  /** Fields that redactions have emptied in the head although events still have values. */
  readonly emptied: readonly EmptiedField[];
}

export type EmptiedField = (typeof emptiedFields)[number];
export const emptiedFields = ["environment", "service", "revision", "actor", "commit", "url"] as const;

/** Import of a part of one deployment. */
export interface ImportEvents {
  readonly head: ExportedHead;
  /** Successive events, in sequence order; none of a purged deployment. */
  readonly events: readonly ImportedEvent[];
}

export type Imported =
  /** All events are stored now; so many of them were not before. The head stands as exported once the last one is there. */
  | { readonly kind: "imported"; readonly events: number }
  /** The store has something else there, or the part does not continue what it has. */
  | { readonly kind: "foreign"; readonly sequence: number; readonly what: string };

/** An event to write. */
export interface ImportWrite {
  readonly stored: StoredEvent;
  /** History hash after the event, 32 bytes; undefined before the first event of the chain. */
  readonly historyHash: Uint8Array | undefined;
}

export type ImportPlan =
  | {
      readonly kind: "imported";
      /** New head; undefined if nothing is written. */
      readonly head: Deployment | undefined;
      readonly writes: readonly ImportWrite[];
    }
  | Extract<Imported, { kind: "foreign" }>;

/** Stored data that a plan needs. */
export interface ImportState {
  readonly head: Deployment | undefined;
  /** Returns the stored event of a sequence, up to the head's. */
  readonly at: (sequence: number) => StoredEvent | undefined;
  readonly factsOf: (stored: StoredEvent) => Pick<EventFacts, "sendTime" | "principal">;
}

/**
 * Plans an import, for every adapter: what is there already must be the same, and the rest continues it. Sequences, times, salts and
 * commitments stay, so that the history hash becomes that of the export.
 */
export function planImport({ head: exported, events }: ImportEvents, state: ImportState): ImportPlan {
  const { deploymentId } = exported;
  if (exported.standing === "purged" || state.head?.standing === "purged") return planPurged(exported, state.head);
  if (state.head?.standing === "purging") return foreign(1, "its purge is under way here");
  let head = state.head;
  const writes: ImportWrite[] = [];
  for (const { stored, facts, historyHash: told } of events) {
    const { sequence, receiveTimeUs } = stored;
    const next = (head?.headSequence ?? 0) + 1;
    if (sequence > next) return foreign(sequence, `event ${next} is missing`);
    const commitment = commitmentFrom(stored, facts);
    if (sequence < next) {
      const difference = differenceOf({ stored, commitment }, state, sequence);
      if (difference !== undefined) return foreign(sequence, difference);
      continue;
    }
    const isInChain = sequence >= (exported.historyHash?.from ?? Number.POSITIVE_INFINITY);
    const historyHash = isInChain
      ? withCommitment(head?.historyHash, { deploymentId, sequence, receiveTimeUs }, commitment)
      : undefined;
    if (told !== undefined && !isSameBytes(told, historyHash?.hash)) {
      return foreign(sequence, "its history hash is not that of this event and those before it");
    }
    head = foldEvent(head, deploymentId, facts, receiveTimeUs, historyHash);
    writes.push({ stored, historyHash: historyHash?.hash });
  }
  if (head === undefined) return foreign(1, "it has no events");
  if (head.headSequence !== exported.headSequence) return imported(state.head, head, writes);
  if (!isSameHash(head.historyHash, exported.historyHash)) {
    return foreign(head.headSequence, "its history hash is not that of its events");
  }
  if (head.createTimeUs !== exported.createTimeUs || head.updateTimeUs !== exported.updateTimeUs) {
    return foreign(head.headSequence, "its create and update time are not those of its events");
  }
  // An edit that was made here since is not undone, and `edits` never falls.
  const isEditedThere = exported.edits > head.edits;
  return imported(state.head, isEditedThere ? asExported(head, exported) : head, writes);
}

function imported(before: Deployment | undefined, after: Deployment, writes: readonly ImportWrite[]): ImportPlan {
  const isSame =
    before !== undefined && writes.length === 0 && before.edits === after.edits && before.standing === after.standing;
  return { kind: "imported", head: isSame ? undefined : after, writes };
}

function planPurged(exported: ExportedHead, head: Deployment | undefined): ImportPlan {
  const { headSequence, historyHash } = exported;
  if (head !== undefined) {
    if (head.standing !== exported.standing) {
      return foreign(
        1,
        head.standing === "purged" ? "it was purged here" : "it is purged in the export; purge it here",
      );
    }
    const isSame = head.headSequence === headSequence && isSameHash(head.historyHash, historyHash);
    return isSame
      ? { kind: "imported", head: undefined, writes: [] }
      : foreign(headSequence, "another one was purged here");
  }
  return { kind: "imported", head: purgeTombstone({ ...exported, foldedSequence: exported.headSequence }), writes: [] };
}

function asExported(head: Deployment, { edits, standing, emptied }: ExportedHead): Deployment {
  const names = Object.fromEntries(emptied.map((name) => [name, ""]));
  const commitTimeUs = emptied.includes("commit") ? undefined : head.commitTimeUs;
  return { ...head, ...names, commitTimeUs, edits, standing };
}

function commitmentFrom(
  stored: StoredEvent,
  { sendTime, principal }: Pick<EventFacts, "sendTime" | "principal">,
): Uint8Array {
  const { salt, eventId, content, redaction } = stored;
  return redaction?.commitment ?? commitmentOf({ salt, eventId, content, sendTime, principal });
}

/** Says in what a stored event differs from the one of an export; undefined if it is the same, or the same and redacted here. */
function differenceOf(
  offered: { readonly stored: StoredEvent; readonly commitment: Uint8Array },
  { at, factsOf }: ImportState,
  sequence: number,
): string | undefined {
  const here = at(sequence);
  if (here === undefined) return "it is missing here";
  const { eventId, receiveTimeUs, redaction } = offered.stored;
  const isSame =
    here.eventId === eventId &&
    here.receiveTimeUs === receiveTimeUs &&
    Buffer.compare(commitmentFrom(here, factsOf(here)), offered.commitment) === 0;
  if (!isSame) return `another event stands here: ${here.eventId}`;
  return redaction !== undefined && here.redaction === undefined
    ? "it is redacted in the export; redact it here"
    : undefined;
}

function isSameHash(one: HistoryHash | undefined, other: HistoryHash | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return one.sequence === other.sequence && one.from === other.from && isSameBytes(one.hash, other.hash);
}

function isSameBytes(one: Uint8Array, other: Uint8Array | undefined): boolean {
  return other !== undefined && Buffer.compare(one, other) === 0;
}

function foreign(sequence: number, what: string): Extract<Imported, { kind: "foreign" }> {
  return { kind: "foreign", sequence, what };
}
