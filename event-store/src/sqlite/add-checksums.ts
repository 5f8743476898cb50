import type { DatabaseSync } from "node:sqlite";
import type { StoredEvent } from "../domain/event.ts";
import { damageAt } from "../store-error.ts";
import { numbersOf } from "./event-run.ts";
import type { Migration } from "./migration.ts";
import { preparedStatement } from "./prepared-statement.ts";
import {
  deploymentValues,
  eventValues,
  headValues,
  insertDeployment,
  type KeptDeployment,
  replaceHeads,
  storedEventColumns,
} from "./rows.ts";
import { runColumns, runValues, type StoredRun } from "./run-rows.ts";
import { schema } from "./schema.ts";
import * as before from "./schema-3.ts";

const insertEvent = `INSERT INTO events (${storedEventColumns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const insertRun = `INSERT INTO runs (${runColumns}) VALUES (?, ?, ?, ?)`;

/** To schema 4: each row gets a checksum. */
export async function addChecksums(migration: Migration): Promise<void> {
  const { source, target } = migration;
  target.exec(schema);
  for (const row of preparedStatement(source, before.selectHeads).iterate()) {
    await bringDeployment(migration, before.keptDeploymentOf(row));
  }
}

/** Brings a deployment along with its events, in the order of their sequences. Throws STORE_DAMAGED where one is missing. */
async function bringDeployment({ source, target, onEvent }: Migration, kept: KeptDeployment): Promise<void> {
  const { number, head } = kept;
  preparedStatement(target, insertDeployment).run(...deploymentValues(number, head));
  let sequence = 0;
  for (const run of runsOf(source, kept)) {
    for (const eventNumber of numbersOf(run.bytes) ?? []) {
      sequence += 1;
      const event = eventAt(source, kept, sequence, eventNumber);
      preparedStatement(target, insertEvent).run(...eventValues(eventNumber, number, event));
      await onEvent();
    }
    if (run !== kept.lastRun) preparedStatement(target, insertRun).run(...runValues(number, run));
  }
  if (sequence !== head.headSequence) throw missing(kept, sequence + 1);
  preparedStatement(target, replaceHeads(1)).run(...headValues(kept));
}

function* runsOf(source: DatabaseSync, kept: KeptDeployment): Generator<StoredRun> {
  for (const row of preparedStatement(source, before.selectRuns).iterate(kept.number)) yield before.storedRunOf(row);
  yield kept.lastRun;
}

function eventAt(source: DatabaseSync, kept: KeptDeployment, sequence: number, eventNumber: number): StoredEvent {
  const { deploymentId } = kept.head;
  const row = preparedStatement(source, before.selectEvent).get(eventNumber, kept.number);
  const event = row === undefined ? undefined : before.storedEventOf(deploymentId, row);
  if (event?.sequence !== sequence) throw missing(kept, sequence);
  return event;
}

function missing({ head: { deploymentId } }: KeptDeployment, sequence: number): Error {
  return damageAt({ deploymentId, sequence }, `event ${sequence} of ${deploymentId} is not in its place`);
}
