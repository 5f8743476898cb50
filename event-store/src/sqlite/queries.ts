import type { DatabaseSync } from "node:sqlite";
import type { Deployment } from "../domain/deployment.ts";
import { type StoredEvent, wireBytesMax } from "../domain/event.ts";
import { matchesFilter } from "../domain/event-filter.ts";
import type { DeploymentId, EventId } from "../domain/identifiers.ts";
import type {
  ArrivalPage,
  DeploymentPage,
  EventPage,
  ReadArrivals,
  ReadDeployments,
  ReadEvents,
} from "../event-store.ts";
import { limits } from "../limits.ts";
import { type DamagedPlace, damageAt, type StoreFaultError } from "../store-error.ts";
import { eventPlaces } from "./event-places.ts";
import { isOfRows } from "./faults.ts";
import { preparedStatement } from "./prepared-statement.ts";
import { checkBelowHead, headOf, selectHeads, storedEventColumns, storedEventOf } from "./rows.ts";

const ofDeployment = "deployment = (SELECT number FROM deployments WHERE deployment_id = ?)";

export function queryEvent(
  database: DatabaseSync,
  deploymentId: DeploymentId,
  eventId: EventId,
): StoredEvent | undefined {
  const row = preparedStatement(
    database,
    `SELECT ${storedEventColumns}, head_sequence FROM events LEFT JOIN heads USING (deployment)
     WHERE ${ofDeployment} AND event_id = ?`,
  ).get(deploymentId, eventId);
  if (row === undefined) return undefined;
  const event = storedEventOf(deploymentId, row);
  checkBelowHead(deploymentId, event, (row as unknown as readonly unknown[]).at(-1) as number | null);
  return event;
}

export function queryEvents(database: DatabaseSync, request: ReadEvents): EventPage {
  // The last run becomes one of the others by a commit: both are to be of one moment.
  database.exec("BEGIN");
  try {
    return pageOf(request, storedEvents(database, request));
  } finally {
    if (database.isTransaction) database.exec("COMMIT");
  }
}

function pageOf(
  { deploymentId, filter, eventsMax, bytesMax, ...request }: ReadEvents,
  rows: Iterable<StoredEvent>,
): EventPage {
  const events: StoredEvent[] = [];
  let bytes = 0;
  let looked = 0;
  let cursor = request.cursor;
  try {
    for (const event of rows) {
      if (looked === limits.pageScanMax) return { events, cursor, looked, more: true };
      if (matchesFilter(filter, event)) {
        bytes += wireBytesMax(deploymentId, event);
        if (events.length === eventsMax || (events.length > 0 && bytes > bytesMax))
          return { events, cursor, looked, more: true };
        events.push(event);
      }
      looked += 1;
      cursor = event.sequence;
    }
  } catch (error) {
    // What precedes the damage is whole; the page that begins with it is refused.
    if (looked === 0 || !isOfRows(error)) throw error;
    return { events, cursor, looked, more: true };
  }
  return { events, cursor, looked, more: false };
}

function* storedEvents(database: DatabaseSync, request: ReadEvents): Generator<StoredEvent> {
  // The deployment too: a number that a person's shell has freed may be another event's now.
  const find = preparedStatement(
    database,
    `SELECT ${storedEventColumns} FROM events WHERE number = ? AND deployment = ?`,
  );
  for (const { deployment, sequence, number } of eventPlaces(database, request)) {
    const event = eventAt({ deploymentId: request.deploymentId, sequence }, () => find.get(number, deployment));
    // One that is not there is a gap, which readers notice.
    if (event !== undefined) yield event;
  }
}

/** The event of the row that is kept for this place; undefined: there is none. */
function eventAt(place: Required<DamagedPlace>, find: () => unknown): StoredEvent | undefined {
  const { deploymentId, sequence } = place;
  try {
    const row = find();
    if (row === undefined) return undefined;
    const event = storedEventOf(deploymentId, row);
    if (event.sequence === sequence) return event;
  } catch (cause) {
    if (!isOfRows(cause)) throw cause;
  }
  throw damageAt(place, `event ${sequence} of ${deploymentId} is none that was stored`);
}

export function queryDeployment(database: DatabaseSync, deploymentId: DeploymentId): Deployment | undefined {
  const row = preparedStatement(database, `${selectHeads} WHERE deployment_id = ?`).get(deploymentId);
  return row === undefined ? undefined : headOf(row);
}

export function queryDeployments(database: DatabaseSync, request: ReadDeployments): DeploymentPage {
  const { cursor, filter, deploymentsMax } = request;
  const rows = preparedStatement(
    database,
    `${selectHeads}
     WHERE (create_time_us, deployment_id) < (?, ?)
     ORDER BY create_time_us DESC, deployment_id DESC LIMIT ?`,
  ).iterate(cursor?.createTimeUs ?? Number.MAX_SAFE_INTEGER, cursor?.deploymentId ?? "", limits.pageScanMax + 1);

  const deployments: Deployment[] = [];
  let looked = 0;
  let next: DeploymentPage["next"] = cursor;
  for (const row of rows) {
    if (looked === limits.pageScanMax) return { deployments, next };
    const head = headOf(row);
    if (matches(filter, head)) {
      if (deployments.length === deploymentsMax) return { deployments, next };
      deployments.push(head);
    }
    looked += 1;
    next = { createTimeUs: head.createTimeUs, deploymentId: head.deploymentId };
  }
  return { deployments, next: undefined };
}

function matches(filter: ReadDeployments["filter"], head: Deployment): boolean {
  return (
    (filter.environment === "" || head.environment === filter.environment) &&
    (filter.service === "" || head.service === filter.service) &&
    (filter.state === undefined || head.state === filter.state)
  );
}

/** A page of arrivals: its events, and at the same place the deployment of each. */
export interface ArrivalRows extends Omit<ArrivalPage, "arrivals"> {
  readonly events: readonly StoredEvent[];
  readonly deploymentIds: readonly DeploymentId[];
}

/** Events in the order of their numbers, which only rise: the appending thread gives them as events come. */
export function queryArrivals(database: DatabaseSync, { cursor, eventsMax, bytesMax }: ReadArrivals): ArrivalRows {
  const { after, last } = cursor ?? { after: 0, last: lastArrival(database) };
  // CROSS JOIN, so that SQLite walks along the events and does not sort.
  const rows = preparedStatement(
    database,
    `SELECT events.number, deployment_id FROM events CROSS JOIN deployments ON deployments.number = events.deployment
     WHERE events.number > ? AND events.number <= ? ORDER BY events.number`,
  ).iterate(after, last);

  const events: StoredEvent[] = [];
  const deploymentIds: DeploymentId[] = [];
  const damaged: DamagedPlace[] = [];
  let bytes = 0;
  let reached = after;
  for (const row of rows) {
    const [number, deploymentId] = row as unknown as readonly [number, DeploymentId];
    const found = arrivalAt(database, number, deploymentId);
    if ("event" in found) bytes += wireBytesMax(deploymentId, found.event);
    if (events.length + damaged.length === eventsMax || (events.length > 0 && bytes > bytesMax)) {
      return { events, deploymentIds, damaged, next: { after: reached, last } };
    }
    if ("event" in found) {
      events.push(found.event);
      deploymentIds.push(deploymentId);
    } else damaged.push(found.damaged);
    reached = number;
  }
  return { events, deploymentIds, damaged, next: undefined };
}

// Each row by itself: one that contradicts itself keeps the walk along the numbers from nothing.
function arrivalAt(
  database: DatabaseSync,
  number: number,
  deploymentId: DeploymentId,
): { readonly event: StoredEvent } | { readonly damaged: DamagedPlace } {
  const find = preparedStatement(
    database,
    `SELECT ${storedEventColumns}, head_sequence FROM events LEFT JOIN heads USING (deployment) WHERE number = ?`,
  );
  try {
    const row = find.get(number);
    const event = storedEventOf(deploymentId, row);
    checkBelowHead(deploymentId, event, (row as unknown as readonly unknown[]).at(-1) as number | null);
    return { event };
  } catch (error) {
    if (!isOfRows(error)) throw error;
    return { damaged: (error as Partial<StoreFaultError>).place ?? { deploymentId } };
  }
}

function lastArrival(database: DatabaseSync): number {
  const row = preparedStatement(database, "SELECT coalesce(max(number), 0) FROM events").get();
  return (row as unknown as readonly [number])[0];
}
