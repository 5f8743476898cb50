import { contentDifference } from "../content-difference.ts";
import { type Append, type Appended, type AppendPlan, type EventWrite, planAppend } from "../domain/append.ts";
import { type Deployment, isPurged } from "../domain/deployment.ts";
import type { DifferingFields, NewEvent, StoredEvent } from "../domain/event.ts";
import type { EventId } from "../domain/identifiers.ts";
import { type FindKey, isRedactedContent } from "../domain/redaction.ts";
import { findConflicts } from "../find-conflicts.ts";
import { DeploymentGoneError, EventIdConflictError, SequenceMismatchError, StoreFaultError } from "../store-error.ts";
import type { EventDocument } from "./documents.ts";
import { fingerprint } from "./fingerprint.ts";

/** A call of a group. */
export interface GroupCall {
  readonly append: Append;
  /** Ids of all commits that have carried it; an event of one of them is the call's own success. */
  readonly commitIds: ReadonlySet<string>;
}

/** Known state of the store in an attempt. */
export interface GroupState {
  readonly head: Deployment | undefined;
  /** Stored events with the group's ids, read after the head; undefined if not read, which assumes that all are new. */
  readonly stored: ReadonlyMap<EventId, EventDocument> | undefined;
}

/** Comparison of offered contents with stored ones. */
export interface Compare {
  readonly differingFields: DifferingFields;
  readonly findKey: FindKey;
}

/** Outcome of one call in an attempt. */
export type Verdict =
  /** Done after the commit. */
  | { readonly kind: "written"; readonly results: readonly Appended[] }
  /** Done: everything is already stored. */
  | { readonly kind: "settled"; readonly results: readonly Appended[] }
  | { readonly kind: "refused"; readonly error: Error }
  /** Undecidable from this state, or only beside its neighbours; takes part in the next attempt. */
  | { readonly kind: "later" };

export interface GroupPlan {
  /** One outcome for each call. */
  readonly verdicts: readonly Verdict[];
  readonly writes: readonly EventWrite[];
  /** New head; undefined if nothing is written. */
  readonly head: Deployment | undefined;
}

/** Plans a group of calls of one deployment in arrival order. Refuses only calls that the stored state proves wrong. */
export function planGroup(calls: readonly GroupCall[], state: GroupState, compare: Compare): GroupPlan {
  let head = state.head;
  const writes: EventWrite[] = [];
  const planned = new Set<EventId>();
  const verdicts = calls.map((call): Verdict => {
    const { append } = call;
    // Of equal ids only one is planned; the others are decided from the stored state later.
    if (append.events.some(({ eventId }) => planned.has(eventId))) return { kind: "later" };
    const plan = planOne(append, { ...state, head }, compare);
    if (plan instanceof Error) return { kind: "refused", error: plan };
    if (plan.kind === "mismatch") {
      if (state.stored === undefined || writes.length > 0) return { kind: "later" };
      const { expectedSequence, actualSequence } = plan;
      return {
        kind: "refused",
        error: new SequenceMismatchError(append.deploymentId, expectedSequence, actualSequence),
      };
    }
    if (plan.kind === "gone") {
      // A deleted deployment still knows its duplicates and conflicts; of a purged one nothing is left to read.
      const isKnown = state.stored !== undefined || isPurged(plan.head);
      return isKnown ? { kind: "refused", error: new DeploymentGoneError(plan.head) } : { kind: "later" };
    }
    const results = plan.results.map(({ event, duplicate }) => ({
      event,
      duplicate: duplicate && !call.commitIds.has(state.stored?.get(event.eventId)?.commitId ?? ""),
    }));
    if (plan.head === undefined) return { kind: "settled", results };
    ({ head } = plan);
    for (const write of plan.writes) {
      writes.push(write);
      planned.add(write.event.eventId);
    }
    return { kind: "written", results };
  });
  return { verdicts, writes, head: writes.length > 0 ? head : undefined };
}

/** Plans one call, or returns why it alone is refused: a conflict, or an unreadable stored content. */
function planOne(
  append: Append,
  { head, stored: documents }: GroupState,
  { differingFields, findKey }: Compare,
): Exclude<AppendPlan, { kind: "clash" }> | Error {
  const { deploymentId } = append;
  const isSame = (stored: StoredEvent, offered: NewEvent) => {
    // The fingerprint of a redacted event is that of what is left.
    if (stored.redaction !== undefined) return isRedactedContent(stored.redaction, offered.content, findKey);
    return (
      Buffer.compare(documents?.get(stored.eventId)?.fingerprint ?? noBytes, fingerprint(offered.content)) === 0 ||
      contentDifference({ deploymentId, stored, offered }, differingFields).length === 0
    );
  };
  try {
    const plan = planAppend(append, { head, find: (eventId) => documents?.get(eventId)?.stored, isSame });
    if (plan.kind !== "clash") return plan;
    return new EventIdConflictError(deploymentId, findConflicts(append, plan.clashes, differingFields));
  } catch (error) {
    if (error instanceof StoreFaultError) return error;
    throw error;
  }
}

const noBytes = new Uint8Array();
