import type { DatabaseSync } from "node:sqlite";
import type { ReadEvents } from "../event-store.ts";
import { type EventRun, numbersOf } from "./event-run.ts";
import { preparedStatement } from "./prepared-statement.ts";
import { type KeptDeployment, keptDeploymentOf, selectHeads } from "./rows.ts";

/** Where an event is kept: the numbers of its deployment and its own. */
interface EventPlace {
  readonly deployment: number;
  readonly sequence: number;
  readonly number: number;
}

type Run = Pick<EventRun, "firstSequence" | "bytes">;

/** The places of a deployment's events after a cursor, in their order; read as they are taken. */
export function* eventPlaces(
  database: DatabaseSync,
  { deploymentId, order, cursor }: Pick<ReadEvents, "deploymentId" | "order" | "cursor">,
): Generator<EventPlace> {
  const row = preparedStatement(database, `${selectHeads} WHERE deployment_id = ?`).get(deploymentId);
  if (row === undefined) return;
  const kept = keptDeploymentOf(row);
  const isAscending = order === "ascending";
  const after = cursor ?? (isAscending ? 0 : Number.MAX_SAFE_INTEGER);
  for (const run of isAscending ? runsAfter(database, kept, after) : runsBefore(database, kept, after)) {
    const places = placesOf(kept.number, run);
    for (const place of isAscending ? places : places.reverse()) {
      if (isAscending ? place.sequence > after : place.sequence < after) yield place;
    }
  }
}

/** The runs that hold events after a sequence; the first may hold others as well. */
function* runsAfter(database: DatabaseSync, { number, lastRun }: KeptDeployment, sequence: number): Generator<Run> {
  if (sequence + 1 < lastRun.firstSequence) {
    const rows = preparedStatement(
      database,
      `SELECT first_sequence, events FROM runs WHERE deployment = ?1 AND first_sequence >=
         coalesce((SELECT max(first_sequence) FROM runs WHERE deployment = ?1 AND first_sequence <= ?2), 0)
       ORDER BY first_sequence`,
    ).iterate(number, sequence + 1);
    for (const row of rows) yield runOf(row);
  }
  yield lastRun;
}

/** The runs that hold events before a sequence, the last first; the last may hold others as well. */
function* runsBefore(database: DatabaseSync, { number, lastRun }: KeptDeployment, sequence: number): Generator<Run> {
  yield lastRun;
  const rows = preparedStatement(
    database,
    "SELECT first_sequence, events FROM runs WHERE deployment = ? AND first_sequence < ? ORDER BY first_sequence DESC",
  ).iterate(number, sequence);
  for (const row of rows) yield runOf(row);
}

function runOf(row: unknown): Run {
  const [firstSequence, bytes] = row as readonly [number, Uint8Array];
  return { firstSequence, bytes };
}

function placesOf(deployment: number, { firstSequence, bytes }: Run): EventPlace[] {
  return numbersOf(bytes).map((number, place) => ({ deployment, sequence: firstSequence + place, number }));
}
