import type { DatabaseSync } from "node:sqlite";
import type { Deployment } from "../../domain/deployment.ts";
import type { EventFacts, StoredEvent } from "../../domain/event.ts";
import { headAfter } from "../../domain/head-after.ts";
import { newSalt } from "../../domain/history-hash.ts";
import { damageAt } from "../../store-error.ts";
import { factsBeside } from "../../stored-facts.ts";
import { eventValues, insertEvent } from "../rows/event-rows.ts";
import { numbersOf } from "../rows/event-run.ts";
import { deploymentValues, headValues, insertDeployment, replaceHeads } from "../rows/head-rows.ts";
import { preparedStatement } from "../rows/prepared-statement.ts";
import { insertRun, runValues, type StoredRun } from "../rows/run-rows.ts";
import type { Migration } from "./migration.ts";
import { schema4 } from "./schema.ts";
import * as before from "./schema-3.ts";

// Writes with today's writers as long as what they make of a deployment without edits is schema 4's: a copy of them would be 200 lines that say the same.
// `schema-4-writers.test.ts` holds them against a kept file and turns red at the first change; that is the time to freeze them.

/**
 * Migrates to schema 4: adds a checksum to each row and a salt to each event, and stores each content in today's form.
 * Folds heads again from all their events, so that late events take effect, and adds their history hash.
 */
export async function toSchema4(migration: Migration): Promise<void> {
  const { source, target } = migration;
  target.exec(schema4);
  for (const row of preparedStatement(source, before.selectHeads).iterate()) {
    await bringDeployment(migration, before.deploymentOf(row));
  }
}

/** Migrates a deployment with its events in sequence order. Throws STORE_DAMAGED if one is missing. */
async function bringDeployment(migration: Migration, deployment: before.OldDeployment): Promise<void> {
  const { source, target, onEvent } = migration;
  const { number, deploymentId, headSequence, lastRun } = deployment;
  let head: Deployment | undefined;
  for (const run of runsOf(source, deployment)) {
    for (const eventNumber of numbersOf(run.bytes) ?? []) {
      const sequence = (head?.headSequence ?? 0) + 1;
      const found = eventAt(source, deployment, sequence, eventNumber);
      const { event, facts } = asStoredNow(migration, found);
      head = headAfter(head, deploymentId, { ...event, facts }, event.receiveTimeUs);
      preparedStatement(target, insertEvent).run(...eventValues(eventNumber, number, event));
      await onEvent();
    }
    if (run !== lastRun) preparedStatement(target, insertRun).run(...runValues(number, run));
  }
  if (head?.headSequence !== headSequence) throw missing(deployment, (head?.headSequence ?? 0) + 1);
  preparedStatement(target, insertDeployment).run(...deploymentValues(number, head));
  preparedStatement(target, replaceHeads(1)).run(...headValues({ number, head, lastRun, lastNumber: 0 }));
}

function* runsOf(source: DatabaseSync, { number, lastRun }: before.OldDeployment): Generator<StoredRun> {
  for (const row of preparedStatement(source, before.selectRuns).iterate(number)) yield before.storedRunOf(row);
  yield lastRun;
}

function eventAt(
  source: DatabaseSync,
  deployment: before.OldDeployment,
  sequence: number,
  eventNumber: number,
): before.OldEvent {
  const row = preparedStatement(source, before.selectEvent).get(eventNumber, deployment.number);
  const event = row === undefined ? undefined : before.storedEventOf(deployment.deploymentId, row);
  if (event?.sequence !== sequence) throw missing(deployment, sequence);
  return event;
}

function asStoredNow({ codec }: Migration, found: before.OldEvent): { event: StoredEvent; facts: EventFacts } {
  const salt = newSalt();
  try {
    const { content, facts } = codec.restoredEvent(found);
    const { type, severity, labels } = facts;
    return { event: { ...found, content, type, severity, labels, salt }, facts };
  } catch {
    // It was unreadable before, too: it stays unchanged, and its known facts count.
    return { event: { ...found, salt }, facts: factsBeside(found) };
  }
}

function missing({ deploymentId }: before.OldDeployment, sequence: number): Error {
  return damageAt({ deploymentId, sequence }, `event ${sequence} of ${deploymentId} is not in its place`);
}
