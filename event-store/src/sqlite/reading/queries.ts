import type { DatabaseSync } from "node:sqlite";
import type { Deployment } from "../../domain/deployment.ts";
import { matchesDeployment } from "../../domain/deployment-filter.ts";
import { type StoredEvent, wireBytesMax } from "../../domain/event.ts";
import { matchesFilter } from "../../domain/event-filter.ts";
import type { DeploymentId, EventId } from "../../domain/identifiers.ts";
import type {
  DeploymentCursor,
  DeploymentPage,
  EventPage,
  ReadDeployments,
  ReadEvents,
  ReadOptions,
} from "../../event-store.ts";
import { limits } from "../../limits.ts";
import { type DamagedEventPlace, type DamagedPlace, damageAt, StoreFaultError } from "../../store-error.ts";
import { isOfRows } from "../faults.ts";
import { checkNewestHead } from "../rows/above-head.ts";
import { checkAbsent, eventIdAfter, eventIdBefore } from "../rows/absent-ids.ts";
import { eventPlaces, findDeployment } from "../rows/event-places.ts";
import { checkBelowHead, storedEventColumns, storedEventOf } from "../rows/event-rows.ts";
import { headOf, selectHeads } from "../rows/head-rows.ts";
import { inOneMoment } from "../rows/one-moment.ts";
import { preparedStatement } from "../rows/prepared-statement.ts";
import { faultOfList } from "../scrub/lost-deployments.ts";
import { isBehind } from "./listed-order.ts";

export function queryEvent(
  database: DatabaseSync,
  { deploymentId, eventId, hidden }: ReadOptions & { readonly deploymentId: DeploymentId; readonly eventId: EventId },
): StoredEvent | undefined {
  return inOneMoment(database, () => {
    const deployment = findDeployment(database, deploymentId);
    if (deployment === undefined || !isShown(deployment.head, { hidden })) return undefined;
    const find = preparedStatement(
      database,
      `SELECT ${storedEventColumns} FROM events WHERE deployment = ? AND event_id = ?`,
    );
    const row = find.get(deployment.number, eventId);
    if (row === undefined) {
      const neighbour = (sql: string) => preparedStatement(database, sql).get(eventId, deployment.number);
      checkAbsent({ deploymentId, eventId }, [neighbour(eventIdBefore), neighbour(eventIdAfter)]);
      return undefined;
    }
    const event = storedEventOf(deploymentId, row, eventId);
    checkBelowHead(deploymentId, event, deployment.head.headSequence);
    return event;
  });
}

/** Tells whether the events of a deployment may be read. */
export function isShown({ standing }: Deployment, { hidden = false }: ReadOptions): boolean {
  return standing === "kept" || (standing === "deleted" && hidden);
}

/** A page of events, and damage found on the way. */
export interface EventRows extends EventPage {
  readonly damaged: readonly DamagedPlace[];
}

export function queryEvents(database: DatabaseSync, request: ReadEvents): EventRows {
  const damaged: DamagedPlace[] = [];
  const page = inOneMoment(database, () => pageOf(request, storedEvents(database, request, damaged), damaged));
  return { ...page, damaged };
}

function pageOf(
  { deploymentId, filter, eventsMax, bytesMax, ...request }: ReadEvents,
  rows: Iterable<StoredEvent>,
  damaged: DamagedPlace[],
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
    // Return the page before the damage; refuse a page that starts with it.
    if (looked === 0 || !isOfRows(error)) throw error;
    damaged.push((error as Partial<StoreFaultError>).place ?? { deploymentId });
    return { events, cursor, looked, more: true };
  }
  return { events, cursor, looked, more: false };
}

function* storedEvents(database: DatabaseSync, request: ReadEvents, missing: DamagedPlace[]): Generator<StoredEvent> {
  const { deploymentId, order, cursor } = request;
  const kept = findDeployment(database, deploymentId);
  if (kept === undefined || !isShown(kept.head, request)) return;
  // The head is one end of the list. Whoever reads on behind it has been told of what it does not count.
  if (order === "descending" && cursor === undefined) checkNewestHead(database, kept);
  // Check the deployment too: a number freed in a person's shell may be another event's now.
  const find = preparedStatement(
    database,
    `SELECT ${storedEventColumns} FROM events WHERE number = ? AND deployment = ?`,
  );
  for (const { deployment, sequence, number } of eventPlaces(database, kept, request)) {
    const event = eventAt({ deploymentId, sequence }, () => find.get(number, deployment));
    // A missing event is a gap, which readers notice.
    if (event === undefined) missing.push({ deploymentId, sequence });
    else yield event;
  }
  if (order === "ascending" && (cursor ?? 0) <= kept.head.headSequence) checkNewestHead(database, kept);
}

/** Reads the event at a place, if it is there. Throws STORE_DAMAGED, with this place, if the row is another event's. */
export function eventAt(place: DamagedEventPlace, find: () => unknown): StoredEvent | undefined {
  const { deploymentId, sequence } = place;
  try {
    const row = find();
    if (row === undefined) return undefined;
    const event = storedEventOf(deploymentId, row);
    if (event.sequence === sequence) return event;
  } catch (cause) {
    if (!isOfRows(cause)) throw cause;
  }
  throw damageAt(place, `event ${sequence} of ${deploymentId} is not as it was stored`);
}

export function queryDeployment(database: DatabaseSync, deploymentId: DeploymentId): Deployment | undefined {
  return inOneMoment(database, () => {
    const kept = findDeployment(database, deploymentId);
    if (kept !== undefined) checkNewestHead(database, kept);
    return kept?.head;
  });
}

/** Finds nothing, if the file answers at all. */
export function queryNothing(database: DatabaseSync): undefined {
  preparedStatement(database, `${selectHeads} WHERE deployment_id = ''`).get();
  return undefined;
}

export function queryDeployments(
  database: DatabaseSync,
  { cursor, filter, deploymentsMax, hidden = false }: ReadDeployments,
): DeploymentPage {
  const rows = preparedStatement(
    database,
    `${selectHeads}
     WHERE (create_time_us, deployment_id) < (?, ?)
     ORDER BY create_time_us DESC, deployment_id DESC LIMIT ?`,
  ).iterate(cursor?.createTimeUs ?? Number.MAX_SAFE_INTEGER, cursor?.deploymentId ?? "", limits.pageScanMax + 1);
  if (cursor !== undefined) checkNewerNeighbour(database, cursor);

  const deployments: Deployment[] = [];
  let looked = 0;
  let next: DeploymentPage["next"] = cursor;
  for (const row of rows) {
    if (looked === limits.pageScanMax) return { deployments, next };
    const head = listedHead(row, next);
    // Return the page before the damage; refuse a page that starts with it.
    if (head instanceof Error && looked > 0) return { deployments, next };
    if (head instanceof Error) throw withPlaceBehind(database, head, cursor);
    if ((hidden || head.standing === "kept") && matchesDeployment(filter, head)) {
      if (deployments.length === deploymentsMax) return { deployments, next };
      deployments.push(head);
    }
    looked += 1;
    next = { createTimeUs: head.createTimeUs, deploymentId: head.deploymentId };
  }
  const fault = faultOfList(database);
  if (fault === undefined) return { deployments, next: undefined };
  // Return what there is; refuse the page behind it.
  if (looked > 0) return { deployments, next };
  throw fault;
}

/** Parses the head of a row of a list, or returns its fault. */
function listedHead(row: unknown, before: DeploymentCursor | undefined): Deployment | StoreFaultError {
  try {
    const head = headOf(row);
    checkOlder(head, before);
    return head;
  } catch (error) {
    if (error instanceof StoreFaultError) return error;
    throw error;
  }
}

/** Adds the position in the list, from the index, to a fault, because the row itself may be wrong. */
function withPlaceBehind(database: DatabaseSync, fault: StoreFaultError, cursor: DeploymentCursor | undefined): Error {
  const row = preparedStatement(
    database,
    `SELECT deployment_id, create_time_us FROM deployments INDEXED BY deployments_newest_first
     WHERE (create_time_us, deployment_id) < (?, ?) ORDER BY create_time_us DESC, deployment_id DESC LIMIT 1`,
  ).get(cursor?.createTimeUs ?? Number.MAX_SAFE_INTEGER, cursor?.deploymentId ?? "");
  if (row === undefined) return fault;
  const [deploymentId, createTimeUs] = row as unknown as readonly [DeploymentId, number];
  return damageAt({ deploymentId, createTimeUs }, fault.message);
}

/**
 * Checks the order, because a damaged entry of the index may lead past others: it shows as a neighbour of the cursor,
 * or out of order.
 */
function checkNewerNeighbour(database: DatabaseSync, cursor: DeploymentCursor): void {
  const row = preparedStatement(
    database,
    `${selectHeads} WHERE (create_time_us, deployment_id) >= (?, ?) ORDER BY create_time_us, deployment_id LIMIT 1`,
  ).get(cursor.createTimeUs, cursor.deploymentId);
  if (row === undefined) return;
  const head = listedHead(row, undefined);
  if (!(head instanceof Error)) checkOlder(cursor, head, { orEqual: true });
  // The list continues after a damaged head that it has reported.
  else if (head.place?.deploymentId !== cursor.deploymentId) throw head;
}

function checkOlder(head: DeploymentCursor, before: DeploymentCursor | undefined, { orEqual = false } = {}): void {
  if (before === undefined || isBehind(head, before) || (orEqual && !isBehind(before, head))) return;
  const { deploymentId } = head;
  throw damageAt({ deploymentId }, `${deploymentId} is out of order in the index of deployments`);
}
