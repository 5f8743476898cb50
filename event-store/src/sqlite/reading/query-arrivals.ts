import type { DatabaseSync } from "node:sqlite";
import type { Deployment } from "../../domain/deployment.ts";
import { type StoredEvent, wireBytesMax } from "../../domain/event.ts";
import type { DeploymentId } from "../../domain/identifiers.ts";
import type { ArrivalPage, ReadArrivals } from "../../event-store.ts";
import { type DamagedPlace, StoreFaultError } from "../../store-error.ts";
import { isOfRows } from "../faults.ts";
import { checkBelowHead, storedEventColumns, storedEventOf } from "../rows/event-rows.ts";
import { headOf, selectHeads } from "../rows/head-rows.ts";
import { lastNumberOf } from "../rows/last-number.ts";
import { preparedStatement } from "../rows/prepared-statement.ts";

/** A page of arrivals: events, and the deployment of each at the same index. */
export interface ArrivalRows extends Omit<ArrivalPage, "arrivals"> {
  readonly events: readonly StoredEvent[];
  readonly deploymentIds: readonly DeploymentId[];
}

/** Reads events in the order of their numbers, which the appending thread assigns in order of arrival. */
export function queryArrivals(database: DatabaseSync, { cursor, eventsMax, bytesMax }: ReadArrivals): ArrivalRows {
  const { after, last } = cursor ?? { after: 0, last: lastNumberOf(database) };
  const numbers = preparedStatement(
    database,
    "SELECT number FROM events WHERE number > ? AND number <= ? ORDER BY number",
  ).iterate(after, last);

  const events: StoredEvent[] = [];
  const deploymentIds: DeploymentId[] = [];
  const damaged: DamagedPlace[] = [];
  const arrivals = new Arrivals(database);
  let bytes = 0;
  let reached = after;
  for (const row of numbers) {
    const [number] = row as unknown as readonly [number];
    const found = arrivals.at(number);
    if ("event" in found) bytes += wireBytesMax(found.deploymentId, found.event);
    if (events.length + damaged.length === eventsMax || (events.length > 0 && bytes > bytesMax)) {
      return { events, deploymentIds, damaged, next: { after: reached, last } };
    }
    if ("event" in found) {
      events.push(found.event);
      deploymentIds.push(found.deploymentId);
    } else damaged.push(found.damaged);
    reached = number;
  }
  return { events, deploymentIds, damaged, next: undefined };
}

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
  at(number: number): Arrival | { readonly damaged: DamagedPlace } {
    const deployment = this.#deploymentOf(number);
    const head = this.#headOf(deployment);
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
