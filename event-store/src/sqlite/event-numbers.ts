import type { DatabaseSync } from "node:sqlite";
import type { DeploymentId } from "../domain/identifiers.ts";
import type { ReadEvents } from "../event-store.ts";
import { numbersOf, storedRun } from "./event-run.ts";
import { preparedStatement } from "./prepared-statement.ts";

/** An event's sequence and the number by which it is kept. */
type NumberedSequence = readonly [sequence: number, number: number];

/** The runs of a deployment's events, the last of which is in its head. */
interface Runs {
  readonly database: DatabaseSync;
  readonly deployment: number;
  readonly last: { readonly firstSequence: number; readonly bytes: Uint8Array };
}

/** The numbers of a deployment's events after a cursor, in their order; read as they are taken. */
export function* eventNumbers(
  database: DatabaseSync,
  { deploymentId, order, cursor }: Pick<ReadEvents, "deploymentId" | "order" | "cursor">,
): Generator<NumberedSequence> {
  const runs = findRuns(database, deploymentId);
  if (runs === undefined) return;
  if (order === "ascending") yield* numbersAfter(runs, cursor ?? 0);
  else yield* numbersBefore(runs, cursor ?? Number.MAX_SAFE_INTEGER);
}

function findRuns(database: DatabaseSync, deploymentId: DeploymentId): Runs | undefined {
  const row = preparedStatement(
    database,
    `SELECT number, head_sequence, last_run FROM deployments JOIN heads ON heads.deployment = deployments.number
     WHERE deployment_id = ?`,
  ).get(deploymentId);
  if (row === undefined) return undefined;
  const [deployment, headSequence, lastRun] = row as unknown as readonly [number, number, Uint8Array];
  return { database, deployment, last: storedRun(headSequence, lastRun) };
}

function* numbersAfter({ database, deployment, last }: Runs, sequence: number): Generator<NumberedSequence> {
  if (sequence + 1 < last.firstSequence) {
    const rows = preparedStatement(
      database,
      `SELECT first_sequence, events FROM runs WHERE deployment = ?1 AND first_sequence >=
         coalesce((SELECT max(first_sequence) FROM runs WHERE deployment = ?1 AND first_sequence <= ?2), 0)
       ORDER BY first_sequence`,
    ).iterate(deployment, sequence + 1);
    for (const row of rows) {
      const [firstSequence, bytes] = row as unknown as RunRow;
      for (const numbered of sequencesOf(firstSequence, bytes)) if (numbered[0] > sequence) yield numbered;
    }
  }
  for (const numbered of sequencesOf(last.firstSequence, last.bytes)) if (numbered[0] > sequence) yield numbered;
}

function* numbersBefore({ database, deployment, last }: Runs, sequence: number): Generator<NumberedSequence> {
  for (const numbered of sequencesOf(last.firstSequence, last.bytes).reverse()) {
    if (numbered[0] < sequence) yield numbered;
  }
  const rows = preparedStatement(
    database,
    `SELECT first_sequence, events FROM runs WHERE deployment = ? AND first_sequence < ? ORDER BY first_sequence DESC`,
  ).iterate(deployment, sequence);
  for (const row of rows) {
    const [firstSequence, bytes] = row as unknown as RunRow;
    for (const numbered of sequencesOf(firstSequence, bytes).reverse()) if (numbered[0] < sequence) yield numbered;
  }
}

type RunRow = readonly [firstSequence: number, events: Uint8Array];

function sequencesOf(firstSequence: number, bytes: Uint8Array): NumberedSequence[] {
  return numbersOf(bytes).map((number, place) => [firstSequence + place, number]);
}
