import type { DatabaseSync } from "node:sqlite";
import type { DeploymentId } from "../../domain/identifiers.ts";
import { damageAt, StoreFaultError } from "../../store-error.ts";
import { isOfRows } from "../faults.ts";
import { type KeptDeployment, keptDeploymentOf, selectHeads } from "../rows/head-rows.ts";
import { preparedStatement } from "../rows/prepared-statement.ts";

// Indexes by name: a plan that scans the rows would not notice entries that an index has lost.
const byId = "SELECT number FROM deployments INDEXED BY sqlite_autoindex_deployments_1 WHERE deployment_id = ?";
const newestFirst = `SELECT number FROM deployments INDEXED BY deployments_newest_first
  WHERE create_time_us = ? AND deployment_id = ?`;

/** Tables that name a deployment by number, in reading order. */
export const numberedTables = ["deployments.number", "heads.deployment", "runs.deployment"] as const;

/**
 * Returns the lowest number above another in a table; undefined if there is none. Throws STORE_DAMAGED if its order is
 * damaged.
 */
export function numberAfter(
  database: DatabaseSync,
  column: (typeof numberedTables)[number],
  after: number,
): number | undefined {
  const [table, name] = column.split(".");
  const next = preparedStatement(database, `SELECT ${name} FROM ${table} WHERE ${name} > ? ORDER BY ${name} LIMIT 1`);
  const row = next.get(after) as unknown as readonly [number] | undefined;
  // In a misplaced page it would be found again and again.
  if (row !== undefined && row[0] <= after) throw outOfOrder(column);
  return row?.[0];
}

/** Makes the fault for rows out of the order of their numbers. */
export function outOfOrder(of: string): StoreFaultError {
  return new StoreFaultError("STORE_DAMAGED", `rows of the store are out of the order of ${of}`);
}

/** Reads the deployment with a number. Throws STORE_DAMAGED if its row or head is missing or was never stored. */
export function numberedDeployment(database: DatabaseSync, number: number): KeptDeployment {
  const row = preparedStatement(database, `${selectHeads} WHERE number = ?`).get(number);
  if (row === undefined) throw lostDeployment(number);
  try {
    return keptDeploymentOf(row);
  } catch (fault) {
    // The id of a damaged row may be that of another deployment, which must not be blamed.
    const [, id] = row as unknown as readonly [number, DeploymentId];
    if (!isOfRows(fault) || isFoundById(database, number, id)) throw fault;
    throw new StoreFaultError("STORE_DAMAGED", `the row of deployment number ${number} is not as it was stored`);
  }
}

/** Makes the fault for a missing deployment that others name; its id is unknown. */
export function lostDeployment(number: number): StoreFaultError {
  return new StoreFaultError("STORE_DAMAGED", `deployment number ${number} of the store is not there`);
}

/** Throws STORE_DAMAGED if the index of ids does not lead to a deployment. */
export function checkFoundById(database: DatabaseSync, { number, head: { deploymentId } }: KeptDeployment): void {
  if (isFoundById(database, number, deploymentId)) return;
  throw damageAt({ deploymentId }, `the index of deployment ids does not lead to ${deploymentId}`);
}

/** Throws STORE_DAMAGED, with its position in the list, if the index of the list does not lead to a deployment. */
export function checkListed(database: DatabaseSync, { number, head }: KeptDeployment): void {
  const { deploymentId, createTimeUs } = head;
  if (leadsTo(database, newestFirst, [createTimeUs, deploymentId], number)) return;
  throw damageAt(
    { deploymentId, createTimeUs },
    `the index of the list of deployments does not lead to ${deploymentId}`,
  );
}

function isFoundById(database: DatabaseSync, number: number, deploymentId: DeploymentId): boolean {
  return leadsTo(database, byId, [deploymentId], number);
}

function leadsTo(
  database: DatabaseSync,
  index: string,
  key: readonly (number | DeploymentId)[],
  number: number,
): boolean {
  const row = preparedStatement(database, index).get(...key) as unknown as readonly [number] | undefined;
  return row?.[0] === number;
}
