import type { DatabaseSync } from "node:sqlite";
import type { DeploymentId } from "../domain/identifiers.ts";
import type { ReadEvents } from "../event-store.ts";
import { damageAt } from "../store-error.ts";
import { EventRun, numbersOf } from "./event-run.ts";
import { preparedStatement } from "./prepared-statement.ts";
import type { KeptDeployment } from "./rows.ts";

/** Where an event is kept: the numbers of its deployment and its own. */
interface EventPlace {
  readonly deployment: number;
  readonly sequence: number;
  readonly number: number;
}

/** A deployment by its number, and the last of the runs of its events. */
type NumberedDeployment = Pick<KeptDeployment, "number" | "lastRun">;

type Run = Pick<EventRun, "firstSequence" | "bytes">;

/** The places of a deployment's events after a cursor, in their order; read as they are taken. */
export function* eventPlaces(
  database: DatabaseSync,
  { deploymentId, order, cursor }: Pick<ReadEvents, "deploymentId" | "order" | "cursor">,
): Generator<EventPlace> {
  const deployment = findDeployment(database, deploymentId);
  if (deployment === undefined) return;
  const isAscending = order === "ascending";
  const after = cursor ?? (isAscending ? 0 : Number.MAX_SAFE_INTEGER);
  for (const run of isAscending ? runsAfter(database, deployment, after) : runsBefore(database, deployment, after)) {
    const places = placesOf(deployment.number, run);
    if (places === undefined) throw damagedRun(deploymentId);
    for (const place of isAscending ? places : places.reverse()) {
      if (isAscending ? place.sequence > after : place.sequence < after) yield place;
    }
  }
}

// Not all that a head has: its number is in the index of its id, so that its row need not be read.
function findDeployment(database: DatabaseSync, deploymentId: DeploymentId): NumberedDeployment | undefined {
  const row = preparedStatement(
    database,
    `SELECT number, head_sequence, last_run FROM deployments LEFT JOIN heads ON heads.deployment = deployments.number
     WHERE deployment_id = ?`,
  ).get(deploymentId);
  if (row === undefined) return undefined;
  const [number, headSequence, bytes] = row as unknown as readonly [number, number | null, Uint8Array | null];
  if (headSequence === null || bytes === null) throw damageAt({ deploymentId }, `${deploymentId} has no head`);
  const lastRun = EventRun.stored(headSequence, bytes);
  if (lastRun === undefined) throw damagedRun(deploymentId);
  return { number, lastRun };
}

function damagedRun(deploymentId: DeploymentId): Error {
  return damageAt({ deploymentId }, `a run of the events of ${deploymentId} is none that was stored`);
}

/** The runs that hold events after a sequence; the first may hold others as well. */
function* runsAfter(database: DatabaseSync, { number, lastRun }: NumberedDeployment, sequence: number): Generator<Run> {
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
function* runsBefore(
  database: DatabaseSync,
  { number, lastRun }: NumberedDeployment,
  sequence: number,
): Generator<Run> {
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

function placesOf(deployment: number, { firstSequence, bytes }: Run): EventPlace[] | undefined {
  return numbersOf(bytes)?.map((number, place) => ({ deployment, sequence: firstSequence + place, number }));
}
