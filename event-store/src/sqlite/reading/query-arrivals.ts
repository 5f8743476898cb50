import type { DatabaseSync } from "node:sqlite";
import type { Deployment } from "../../domain/deployment.ts";
import { type StoredEvent, wireBytesMax } from "../../domain/event.ts";
import type { DeploymentId } from "../../domain/identifiers.ts";
import type { ArrivalCursor, ArrivalPage, ReadArrivals } from "../../event-store.ts";
import { limits } from "../../limits.ts";
import { type DamagedPlace, StoreFaultError } from "../../store-error.ts";
import { isOfRows } from "../faults.ts";
import { checkBelowHead, storedEventColumns, storedEventOf } from "../rows/event-rows.ts";
import { headOf, selectHeads } from "../rows/head-rows.ts";
import { lastNumberOf } from "../rows/last-number.ts";
import { inOneMoment } from "../rows/one-moment.ts";
import { preparedStatement } from "../rows/prepared-statement.ts";

/** A page of arrivals: events, and the deployment of each at the same index. */
export interface ArrivalRows extends Omit<ArrivalPage, "arrivals"> {
  readonly events: readonly StoredEvent[];
  readonly deploymentIds: readonly DeploymentId[];
}

/** Reads events in the order of their numbers, which the appending thread assigns in order of arrival. */
export function queryArrivals(
  database: DatabaseSync,
  { cursor, eventsMax, bytesMax }: ReadArrivals,
  acknowledged = 0,
): ArrivalRows {
  const { after, last, listed } = cursor ?? firstCursor(database, acknowledged);
  const numbers = preparedStatement(
    database,
    "SELECT number FROM events WHERE number > ? AND number <= ? ORDER BY number",
  ).iterate(after, last);

  const events: StoredEvent[] = [];
  const deploymentIds: DeploymentId[] = [];
  const damaged: DamagedPlace[] = [];
  const arrivals = new Arrivals(database);
  let bytes = 0;
  let looked = 0;
  let hidden = 0;
  let reached = after;
  const pageWith = (next: ArrivalCursor | undefined) => ({ events, deploymentIds, damaged, next });
  const nextCursor = () => ({ after: reached, last, listed: listed + hidden + events.length + damaged.length });
  for (const row of numbers) {
    const [number] = row as unknown as readonly [number];
    const found = arrivals.at(number);
    looked += 1;
    if (looked > limits.pageScanMax) return pageWith(nextCursor());
    if ("standing" in found) {
      if (found.standing === "deleted") hidden += 1;
      reached = number;
      continue;
    }
    if ("event" in found) bytes += wireBytesMax(found.deploymentId, found.event);
    if (events.length + damaged.length === eventsMax || (events.length > 0 && bytes > bytesMax)) {
      return pageWith(nextCursor());
    }
    if ("event" in found) {
      events.push(found.event);
      deploymentIds.push(found.deploymentId);
    } else damaged.push(found.damaged);
    reached = number;
  }
  const fault = inOneMoment(database, () => findLostArrivals(database, nextCursor()));
  if (fault === undefined) return pageWith(undefined);
  // What there is comes first; the page behind it is refused.
  if (reached === after) throw fault;
  return pageWith(nextCursor());
}

function firstCursor(database: DatabaseSync, acknowledged: number): ArrivalCursor {
  return { after: 0, last: Math.max(lastNumberOf(database), acknowledged), listed: 0 };
}

/** The damage of a list that has come to its end and lacks events; undefined: it has all. */
function findLostArrivals(database: DatabaseSync, { last, listed }: ArrivalCursor): StoreFaultError | undefined {
  // Each number up to the last has its event.
  if (listed >= last) return undefined;
  const found = lastNumberOf(database);
  if (found < last) {
    const message = `the order of arrival ends at event ${found}, and event ${last} was acknowledged`;
    return new StoreFaultError("STORE_DAMAGED", message);
  }
  // An append that failed may have left numbers out. So the deployments are asked, which costs a look at each head.
  // Those of purged deployments count on neither side.
  const isKept = "LEFT JOIN edits USING (deployment) WHERE coalesce(standing, '') NOT IN ('purging', 'purged')";
  const [counted, later] = preparedStatement(
    database,
    `SELECT (SELECT coalesce(sum(head_sequence), 0) FROM heads ${isKept}),
       (SELECT count(*) FROM events ${isKept} AND number > ?)`,
  ).get(last) as unknown as readonly [number, number];
  if (listed + later >= counted) return undefined;
  const message = `${listed + later} events stand in the order of arrival, and deployments count ${counted}`;
  return new StoreFaultError("STORE_DAMAGED", message);
}

/** An event of a deployment that is deleted or purged. */
type Hidden = Pick<Deployment, "standing">;

type Arrival = { readonly deploymentId: DeploymentId; readonly event: StoredEvent };

/** Reads the events by number, each row separately, so that a damaged one does not stop the scan. */
class Arrivals {
  readonly #database: DatabaseSync;
  /** Ids of the deployments met so far; undefined if damaged. */
  readonly #heads = new Map<number, Deployment | undefined>();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** Throws STORE_DAMAGED if the deployment of a damaged event is unknown. */
  at(number: number): Arrival | Hidden | { readonly damaged: DamagedPlace } {
    const deployment = this.#deploymentOf(number);
    const head = this.#headOf(deployment);
    if (head !== undefined && head.standing !== "kept") return { standing: head.standing };
    const deploymentId = head?.deploymentId ?? this.#idOf(deployment);
    try {
      const find = `SELECT ${storedEventColumns} FROM events WHERE number = ?`;
      const event = storedEventOf(deploymentId, preparedStatement(this.#database, find).get(number));
      checkBelowHead(deploymentId, event, head?.headSequence ?? null);
      return { deploymentId, event };
    } catch (error) {
      if (!isOfRows(error)) throw error;
      return { damaged: (error as Partial<StoreFaultError>).place ?? { deploymentId } };
    }
  }

  #deploymentOf(number: number): number {
    const row = preparedStatement(this.#database, "SELECT deployment FROM events WHERE number = ?").get(number);
    if (row !== undefined) return (row as unknown as readonly [number])[0];
    throw new StoreFaultError("STORE_DAMAGED", `event ${number} in the order of arrival is not found again`);
  }

  #headOf(deployment: number): Deployment | undefined {
    if (this.#heads.has(deployment)) return this.#heads.get(deployment);
    let head: Deployment | undefined;
    try {
      const row = preparedStatement(this.#database, `${selectHeads} WHERE number = ?`).get(deployment);
      head = row === undefined ? undefined : headOf(row);
    } catch (error) {
      if (!isOfRows(error)) throw error;
    }
    this.#heads.set(deployment, head);
    return head;
  }

  #idOf(deployment: number): DeploymentId {
    const row = preparedStatement(this.#database, "SELECT deployment_id FROM deployments WHERE number = ?").get(
      deployment,
    );
    if (row !== undefined) return (row as unknown as readonly [DeploymentId])[0];
    throw new StoreFaultError(
      "STORE_DAMAGED",
      `an event of the store is of deployment ${deployment}, which is not there`,
    );
  }
}
