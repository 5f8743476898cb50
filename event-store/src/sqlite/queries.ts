import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Deployment } from "../domain/deployment.ts";
import { type StoredEvent, wireBytesMax } from "../domain/event.ts";
import { matchesFilter } from "../domain/event-filter.ts";
import type { DeploymentId, EventId } from "../domain/identifiers.ts";
import type { DeploymentPage, EventPage, ReadDeployments, ReadEvents } from "../event-store.ts";
import { limits } from "../limits.ts";
import { deploymentColumns, numberedDeploymentOf, storedEventColumns, storedEventOf } from "./rows.ts";

const ofDeployment = "deployment = (SELECT number FROM deployments WHERE deployment_id = ?)";

export function queryEvent(
  database: DatabaseSync,
  deploymentId: DeploymentId,
  eventId: EventId,
): StoredEvent | undefined {
  const row = statement(
    database,
    `SELECT ${storedEventColumns} FROM events WHERE ${ofDeployment} AND event_id = ?`,
  ).get(deploymentId, eventId);
  return row === undefined ? undefined : storedEventOf(row);
}

export function queryEvents(database: DatabaseSync, request: ReadEvents): EventPage {
  const { deploymentId, order, filter, eventsMax, bytesMax } = request;
  const [comparison, direction, start] =
    order === "ascending" ? [">", "ASC", 0] : ["<", "DESC", Number.MAX_SAFE_INTEGER];
  const rows = statement(
    database,
    `SELECT ${storedEventColumns} FROM events WHERE ${ofDeployment} AND sequence ${comparison} ?
     ORDER BY sequence ${direction} LIMIT ?`,
  ).iterate(deploymentId, request.cursor ?? start, limits.pageScanMax + 1);

  const events: StoredEvent[] = [];
  let bytes = 0;
  let looked = 0;
  let cursor = request.cursor;
  for (const row of rows) {
    if (looked === limits.pageScanMax) return { events, cursor, looked, more: true };
    const event = storedEventOf(row);
    if (matchesFilter(filter, event)) {
      bytes += wireBytesMax(deploymentId, event);
      if (events.length === eventsMax || (events.length > 0 && bytes > bytesMax))
        return { events, cursor, looked, more: true };
      events.push(event);
    }
    looked += 1;
    cursor = event.sequence;
  }
  return { events, cursor, looked, more: false };
}

export function queryDeployment(database: DatabaseSync, deploymentId: DeploymentId): Deployment | undefined {
  const row = statement(database, `SELECT ${deploymentColumns} FROM deployments WHERE deployment_id = ?`).get(
    deploymentId,
  );
  return row === undefined ? undefined : numberedDeploymentOf(row).head;
}

export function queryDeployments(database: DatabaseSync, request: ReadDeployments): DeploymentPage {
  const { cursor, filter, deploymentsMax } = request;
  const rows = statement(
    database,
    `SELECT ${deploymentColumns} FROM deployments
     WHERE create_time_us < ? OR (create_time_us = ? AND deployment_id > ?)
     ORDER BY create_time_us DESC, deployment_id ASC LIMIT ?`,
  ).iterate(
    cursor?.createTimeUs ?? Number.MAX_SAFE_INTEGER,
    cursor?.createTimeUs ?? Number.MAX_SAFE_INTEGER,
    cursor?.deploymentId ?? "",
    limits.pageScanMax + 1,
  );

  const deployments: Deployment[] = [];
  let looked = 0;
  let next: DeploymentPage["next"] = cursor;
  for (const row of rows) {
    if (looked === limits.pageScanMax) return { deployments, next };
    const { head } = numberedDeploymentOf(row);
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

const prepared = new WeakMap<DatabaseSync, Map<string, StatementSync>>();

/** The statement of this text, prepared once a connection; rows come as arrays. */
function statement(database: DatabaseSync, sql: string): StatementSync {
  const ofDatabase = prepared.get(database) ?? new Map<string, StatementSync>();
  prepared.set(database, ofDatabase);
  const before = ofDatabase.get(sql);
  if (before !== undefined) return before;
  const fresh = database.prepare(sql);
  fresh.setReturnArrays(true);
  ofDatabase.set(sql, fresh);
  return fresh;
}
