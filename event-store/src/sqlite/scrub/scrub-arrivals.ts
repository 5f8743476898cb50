import type { DatabaseSync } from "node:sqlite";
import type { DeploymentId } from "../../domain/identifiers.ts";
import { aboveHead, type StoreFaultError } from "../../store-error.ts";
import { isOfRows } from "../faults.ts";
import { storedEventColumns, storedEventOf } from "../rows/event-rows.ts";
import { preparedStatement } from "../rows/prepared-statement.ts";
import { lostDeployment, outOfOrder } from "./scrub-deployment.ts";

/** Rows of events in order of their numbers: after one, up to another. */
interface Arrivals {
  readonly after: number;
  readonly last: number;
  readonly eventsMax: number;
}

const slice =
  "SELECT number, deployment, sequence FROM events WHERE number > ? AND number <= ? ORDER BY number LIMIT ?";

/**
 * Returns the number of rows, at most `eventsMax`, and the number of the last. Throws STORE_DAMAGED if their order is
 * damaged.
 */
export function countArrivals(
  database: DatabaseSync,
  { after, last, eventsMax }: Arrivals,
): { readonly events: number; readonly reached: number } {
  const count = preparedStatement(database, `SELECT count(*), max(number) FROM (${slice})`);
  const [events, reached] = count.get(after, last, eventsMax) as unknown as readonly [number, number | null];
  if (reached !== null && reached <= after) throw outOfOrder("events.number");
  return { events, reached: reached ?? last };
}

/** Finds events above the head of their deployment, or without one; reports one per deployment. */
export function findStrays(database: DatabaseSync, arrivals: Arrivals): readonly StoreFaultError[] {
  const { after, last, eventsMax } = arrivals;
  const rows = preparedStatement(
    database,
    `SELECT deployment, deployment_id, coalesce(head_sequence, 0)
     FROM (SELECT deployment, max(sequence) AS greatest FROM (${slice}) GROUP BY deployment)
     LEFT JOIN deployments ON deployments.number = deployment LEFT JOIN heads USING (deployment)
     WHERE deployment_id IS NULL OR greatest > coalesce(head_sequence, 0)`,
  ).all(after, last, eventsMax) as unknown as readonly Suspect[];
  return rows.flatMap((suspect) => strayOf(database, arrivals, suspect) ?? []);
}

/** A deployment with its id, if any, and the head sequence that some rows contradict. */
type Suspect = readonly [deployment: number, deploymentId: DeploymentId | null, headSequence: number];

// A damaged row may name the wrong deployment. Its own deployment misses it.
function strayOf(database: DatabaseSync, { after, last }: Arrivals, suspect: Suspect): StoreFaultError | undefined {
  const [deployment, deploymentId, headSequence] = suspect;
  const rows = preparedStatement(
    database,
    `SELECT ${storedEventColumns} FROM events
     WHERE number > ? AND number <= ? AND deployment = ? AND sequence > ? ORDER BY number`,
  ).iterate(after, last, deployment, headSequence);
  for (const row of rows) {
    try {
      const { sequence } = storedEventOf(deploymentId ?? nameless, row);
      if (deploymentId === null) return lostDeployment(deployment);
      return aboveHead({ deploymentId, sequence });
    } catch (error) {
      if (!isOfRows(error)) throw error;
    }
  }
  return undefined;
}

const nameless = "" as DeploymentId;
