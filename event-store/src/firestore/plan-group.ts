import { contentDifference } from "../content-difference.ts";
import { type Append, type Appended, type AppendPlan, type EventWrite, planAppend } from "../domain/append.ts";
import type { Deployment } from "../domain/deployment.ts";
import type { DifferingFields, NewEvent, StoredEvent } from "../domain/event.ts";
import type { EventId } from "../domain/identifiers.ts";
import { findConflicts } from "../find-conflicts.ts";
import { EventIdConflictError, SequenceMismatchError, StoreFaultError } from "../store-error.ts";
import type { EventDocument } from "./documents.ts";
import { fingerprint } from "./fingerprint.ts";

/** One call of a group. */
export interface GroupCall {
  readonly append: Append;
  /** The ids of all commits that have carried it: what one of them wrote is its own success. */
  readonly commitIds: ReadonlySet<string>;
}

/** What an attempt knows of the store. */
export interface GroupState {
  readonly head: Deployment | undefined;
  /** The stored events of the group's ids, read after the head; undefined: not read, all are taken to be new. */
  readonly stored: ReadonlyMap<EventId, EventDocument> | undefined;
}

/** What becomes of one call in an attempt. */
export type Verdict =
  /** Done once the commit is. */
  | { readonly kind: "written"; readonly results: readonly Appended[] }
  /** Done already: everything is stored. */
  | { readonly kind: "settled"; readonly results: readonly Appended[] }
  | { readonly kind: "refused"; readonly error: Error }
  /** Not decidable from this state, or only beside its neighbours: it takes part in the next attempt. */
  | { readonly kind: "later" };

export interface GroupPlan {
  /** One for each call. */
  readonly verdicts: readonly Verdict[];
  readonly writes: readonly EventWrite[];
  /** The head with all writes; undefined when there are none. */
  readonly head: Deployment | undefined;
}

/** Plans a group of calls of one deployment in arrival order. Refuses only what stored state proves wrong. */
export function planGroup(calls: readonly GroupCall[], state: GroupState, differingFields: DifferingFields): GroupPlan {
  let head = state.head;
  const writes: EventWrite[] = [];
  const planned = new Set<EventId>();
  const verdicts = calls.map((call): Verdict => {
    const { append } = call;
    // Of equal ids one is planned; the others are settled from what is stored afterwards.
    if (append.events.some(({ eventId }) => planned.has(eventId))) return { kind: "later" };
    const plan = planOne(append, { ...state, head }, differingFields);
    if (plan instanceof Error) return { kind: "refused", error: plan };
    if (plan.kind === "mismatch") {
      if (state.stored === undefined || writes.length > 0) return { kind: "later" };
      const { expectedSequence, actualSequence } = plan;
      return {
        kind: "refused",
        error: new SequenceMismatchError(append.deploymentId, expectedSequence, actualSequence),
      };
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

/** The plan of one call, or why it is refused beside all others: a conflict, or a stored content that cannot be read. */
function planOne(
  append: Append,
  { head, stored: documents }: GroupState,
  differingFields: DifferingFields,
): Exclude<AppendPlan, { kind: "clash" }> | Error {
  const { deploymentId } = append;
  const isSame = (stored: StoredEvent, offered: NewEvent) =>
    Buffer.compare(documents?.get(stored.eventId)?.fingerprint ?? noBytes, fingerprint(offered.content)) === 0 ||
    contentDifference({ deploymentId, stored, offered }, differingFields).length === 0;
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
