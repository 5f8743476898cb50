import type { DatabaseSync } from "node:sqlite";
import type { DeploymentId } from "../../domain/identifiers.ts";
import type { ReadEvents } from "../../event-store.ts";
import { damageAt } from "../../store-error.ts";
import { checkAbsent, idAfter, idBefore } from "./absent-ids.ts";
import { numbersOf } from "./event-run.ts";
import { type KeptDeployment, keptDeploymentOf, selectHeads } from "./head-rows.ts";
import { preparedStatement } from "./prepared-statement.ts";
import { runColumns, type StoredRun, storedRunOf } from "./run-rows.ts";

/** Place of an event: its own number and its deployment's. */
export interface EventPlace {
  readonly deployment: number;
  readonly sequence: number;
  readonly number: number;
}

/** Reads the head of a deployment and the runs of its events. Throws STORE_DAMAGED if it may exist but is not found. */
export function findDeployment(database: DatabaseSync, deploymentId: DeploymentId): KeptDeployment | undefined {
  const row = preparedStatement(database, `${selectHeads} WHERE deployment_id = ?`).get(deploymentId);
  if (row !== undefined) return keptDeploymentOf(row, deploymentId);
  const neighbour = (sql: string) => preparedStatement(database, sql).get(deploymentId);
  checkAbsent({ deploymentId }, [neighbour(idBefore), neighbour(idAfter)]);
  return undefined;
}

/** Yields the places of a deployment's events after a cursor, in order; reads them on demand. */
export function* eventPlaces(
  database: DatabaseSync,
  deployment: KeptDeployment,
  { order, cursor }: Pick<ReadEvents, "order" | "cursor">,
): Generator<EventPlace> {
  const isAscending = order === "ascending";
  const after = cursor ?? (isAscending ? 0 : deployment.head.headSequence + 1);
  let next = isAscending ? after + 1 : Math.min(after - 1, deployment.head.headSequence);
  for (const run of isAscending ? runsAfter(database, deployment, after) : runsBefore(database, deployment, after)) {
    const places = run && placesOf(deployment.number, run);
    if (places === undefined) throw damagedRun(deployment, next);
    if (!isAscending) places.reverse();
    for (const place of places) {
      if (isAscending ? place.sequence < next : place.sequence > next) continue;
      // A run in between is missing, or is in the wrong place.
      if (place.sequence !== next) throw damagedRun(deployment, next);
      next += isAscending ? 1 : -1;
      yield place;
    }
  }
  if (!isAscending && next > 0) throw damagedRun(deployment, next);
}

function damagedRun({ head: { deploymentId } }: KeptDeployment, sequence: number): Error {
  const message = `the run that event ${sequence} of ${deploymentId} belongs to is not as it was stored`;
  return damageAt({ deploymentId, sequence }, message);
}

/**
 * Yields the runs with events after a sequence; the first may have earlier ones too. Undefined for a run that was never
 * stored.
 */
function* runsAfter(
  database: DatabaseSync,
  { number, lastRun }: KeptDeployment,
  sequence: number,
): Generator<StoredRun | undefined> {
  if (sequence + 1 < lastRun.firstSequence) {
    const rows = preparedStatement(
      database,
      `SELECT ${runColumns} FROM runs WHERE deployment = ?1 AND first_sequence >=
         coalesce((SELECT max(first_sequence) FROM runs WHERE deployment = ?1 AND first_sequence <= ?2), 0)
         AND first_sequence < ?3
       ORDER BY first_sequence`,
    ).iterate(number, sequence + 1, lastRun.firstSequence);
    for (const row of rows) yield storedRunOf(row);
  }
  yield lastRun;
}

/** Yields the runs with events before a sequence, last first; the last may have earlier ones too. */
function* runsBefore(
  database: DatabaseSync,
  { number, lastRun }: KeptDeployment,
  sequence: number,
): Generator<StoredRun | undefined> {
  yield lastRun;
  const rows = preparedStatement(
    database,
    `SELECT ${runColumns} FROM runs WHERE deployment = ? AND first_sequence < ? ORDER BY first_sequence DESC`,
  ).iterate(number, sequence);
  for (const row of rows) yield storedRunOf(row);
}

function placesOf(deployment: number, { firstSequence, bytes }: StoredRun): EventPlace[] | undefined {
  return numbersOf(bytes)?.map((number, place) => ({ deployment, sequence: firstSequence + place, number }));
}
