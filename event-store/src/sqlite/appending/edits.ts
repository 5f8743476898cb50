import type { Deployment } from "../../domain/deployment.ts";
import type { StoredEvent } from "../../domain/event.ts";
import type { SendTime } from "../../domain/event-time.ts";
import type { DeploymentId } from "../../domain/identifiers.ts";
import { hiddenHead, planPurge, purgeTombstone } from "../../domain/plan-edit.ts";
import { type ImportEvents, type ImportPlan, planImport } from "../../domain/plan-import.ts";
import { planRedaction, type RedactEvent } from "../../domain/plan-redaction.ts";
import type { RedactionKey } from "../../domain/redaction.ts";
import type { BeginPurge, Purged } from "../../event-store.ts";
import { limits } from "../../limits.ts";
import { EventRun } from "../rows/event-run.ts";
import type { Change, GroupAppender } from "./append-group.ts";

// Each edit is one transaction of the appending thread, between two groups of appends. Its steps, each harmless when the
// process dies at it:
// 1. The transaction: rows of the event, its deployment and the notice, and, if bytes were removed, one in `unemptied`.
//    Before its end nothing has happened, after it everything; the call can be repeated.
// 2. The marker notes the new log or number, as after a group.
// 3. If bytes were removed: `append-connection.ts` empties the files (its steps are told there). If the process dies before the row of `unemptied`
//    is deleted, the next start does it again.
// A purge repeats 1 and 2 in steps of bounded size, and does 3 after the last, unless its caller puts 3 off to "finish". The runs of a
// deployment tell what is left, and its head becomes the tombstone in the transaction that takes the last events.

/** What a stamp holds. */
export interface ReadStamp {
  readonly stamp: Uint8Array;
  readonly sendTime: SendTime | undefined;
  readonly principal: string;
}

/** An edit in a message to the appending thread. */
export type Edit =
  | { readonly kind: "redact"; readonly redaction: RedactEvent }
  | { readonly kind: "hide"; readonly deploymentId: DeploymentId; readonly isHidden: boolean }
  | { readonly kind: "beginPurge"; readonly purge: BeginPurge }
  | { readonly kind: "purgeSome"; readonly deploymentId: DeploymentId; readonly emptyLater: boolean }
  /** `stamps` has what the thread cannot read itself. */
  | { readonly kind: "import"; readonly part: ImportEvents; readonly stamps: readonly ReadStamp[] }
  | { readonly kind: "keys" }
  | { readonly kind: "addKeys"; readonly keys: readonly RedactionKey[] }
  /** Nothing but to finish the emptying of files. */
  | { readonly kind: "finish" };

/** Outcome of an edit. */
export type Edited =
  | { readonly kind: "changed" }
  | {
      readonly kind: "redacted";
      readonly event: StoredEvent;
      readonly notice: StoredEvent;
      readonly head: Deployment;
    }
  | { readonly kind: "head"; readonly head: Deployment | undefined; readonly isNew: boolean }
  | ({ readonly kind: "purged" } & Purged)
  | {
      readonly kind: "imported";
      readonly head: Deployment | undefined;
      readonly stored: readonly StoredEvent[];
    }
  | Extract<ImportPlan, { kind: "foreign" }>
  /** Stamps of stored events that only the opener of the store can read; ask again with them. */
  | { readonly kind: "stamps"; readonly stamps: readonly Uint8Array[] }
  | { readonly kind: "keys"; readonly keys: readonly RedactionKey[] }
  | { readonly kind: "done" };

/** Makes one edit. Throws as GroupAppender.change does. */
export function makeEdit(appender: GroupAppender, edit: Edit): Edited {
  switch (edit.kind) {
    case "redact":
      return appender.change(edit.redaction.deploymentId, (change) => redact(change, edit.redaction));
    case "hide":
      return appender.change(edit.deploymentId, (change) => hide(change, edit.isHidden));
    case "beginPurge":
      return appender.change(edit.purge.deploymentId, (change) => beginPurge(change, edit.purge));
    case "purgeSome":
      return appender.change(edit.deploymentId, purgeSome);
    case "import":
      return appender.change(edit.part.head.deploymentId, (change) => importPart(change, edit));
    case "keys":
      return appender.withKeys((keys) => {
        keys.own();
        return { kind: "keys", keys: keys.all };
      });
    case "addKeys":
      return appender.withKeys((keys) => {
        keys.add(edit.keys);
        return { kind: "done" };
      });
    case "finish":
      return { kind: "done" };
  }
}

function redact({ kept, statements, keys, write }: Change, redaction: RedactEvent): Edited {
  if (kept === undefined) return { kind: "changed" };
  const stored = statements.findEvent(kept, redaction.read.eventId);
  const plan = planRedaction(redaction, { head: kept.head, stored, key: keys.own() });
  if (plan.kind === "changed") return plan;
  const { event, head, notice } = plan;
  statements.updateEvent(kept, event);
  write(head, [notice]);
  statements.noteUnemptied(kept);
  return { kind: "redacted", event, notice: notice.stored, head };
}

function hide({ kept, write }: Change, isHidden: boolean): Edited {
  const head = kept && hiddenHead(kept.head, isHidden);
  const isNew = head !== undefined && head !== kept?.head;
  if (isNew) write(head, []);
  return { kind: "head", head, isNew };
}

function beginPurge({ kept, write }: Change, purge: BeginPurge): Edited {
  const plan = kept && planPurge(kept.head, purge);
  if (plan === undefined) return { kind: "head", head: kept?.head, isNew: false };
  write(plan.head, [plan.notice]);
  return { kind: "head", head: plan.head, isNew: true };
}

function purgeSome({ kept, statements, write }: Change): Edited {
  if (kept?.head.standing !== "purging") return { kind: "purged", events: 0, more: false };
  const runs = statements.firstRuns(kept, limits.sqlitePurgeRuns);
  let events = 0;
  for (const run of runs) events += statements.deleteRun(kept, run);
  statements.noteUnemptied(kept);
  if (runs.length === limits.sqlitePurgeRuns) return { kind: "purged", events, more: true };
  events += statements.deleteRun(kept, kept.lastRun);
  kept.lastRun = new EventRun(kept.head.headSequence + 1);
  write(purgeTombstone(kept.head), []);
  return { kind: "purged", events, more: false };
}

function importPart({ kept, statements, write }: Change, { part, stamps }: Extract<Edit, { kind: "import" }>): Edited {
  const known = new Map<string, Pick<ReadStamp, "sendTime" | "principal">>();
  for (const { stored, facts } of part.events) known.set(nameOf(stored.stamp), facts);
  for (const read of stamps) known.set(nameOf(read.stamp), read);
  const unknown: Uint8Array[] = [];
  const plan = planImport(part, {
    head: kept?.head,
    at: (sequence) => kept && statements.eventAt(kept, sequence),
    factsOf: ({ stamp }) => {
      const facts = known.get(nameOf(stamp));
      if (facts === undefined) unknown.push(stamp);
      return facts ?? { sendTime: undefined, principal: "" };
    },
  });
  if (unknown.length > 0) return { kind: "stamps", stamps: unknown };
  if (plan.kind === "foreign") return plan;
  const { head, writes } = plan;
  if (head === undefined) return { kind: "imported", head, stored: [] };
  const written = write(head, writes);
  // The tombstone of another store: its sequences are counted, and none of its events is here.
  if (head.standing === "purged") written.lastRun = new EventRun(head.headSequence + 1);
  return { kind: "imported", head, stored: writes.map(({ stored }) => stored) };
}

function nameOf(stamp: Uint8Array): string {
  return Buffer.from(stamp).toString("latin1");
}
