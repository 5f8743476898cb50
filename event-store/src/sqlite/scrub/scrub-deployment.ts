import type { DatabaseSync } from "node:sqlite";
import type { DeploymentId } from "../../domain/identifiers.ts";
import { damageAt, StoreFaultError } from "../../store-error.ts";
import { isOfRows } from "../faults.ts";
import { type KeptDeployment, keptDeploymentOf, selectHeads } from "../rows/head-rows.ts";
import { preparedStatement } from "../rows/prepared-statement.ts";

// The indexes by name: a plan that went through the rows would not see what an index has lost.
const byId = "SELECT number FROM deployments INDEXED BY sqlite_autoindex_deployments_1 WHERE deployment_id = ?";
const newestFirst = `SELECT number FROM deployments INDEXED BY deployments_newest_first
  WHERE create_time_us = ? AND deployment_id = ?`;

/** The tables that name a deployment by its number, in the order of which they are read. */
export const numberedTables = ["deployments.number", "heads.deployment", "runs.deployment"] as const;

/** The least number above another one that a table has; undefined: none. Throws STORE_DAMAGED where its order is damaged. */
export function numberAfter(
  database: DatabaseSync,
  column: (typeof numberedTables)[number],
  after: number,
): number | undefined {
  const [table, name] = column.split(".");
  const next = preparedStatement(database, `SELECT ${name} FROM ${table} WHERE ${name} > ? ORDER BY ${name} LIMIT 1`);
  const row = next.get(after) as unknown as readonly [number] | undefined;
  // Found in a page that stands where another one belongs, it would be found again and again.
  if (row !== undefined && row[0] <= after) throw outOfOrder(column);
  return row?.[0];
}

/** The fault of rows that do not stand in the order of their numbers. */
export function outOfOrder(of: string): StoreFaultError {
  return new StoreFaultError("STORE_DAMAGED", `rows of the store are out of the order of ${of}`);
}

/** The deployment of a number. Throws STORE_DAMAGED where its row or its head is none that was stored, or is gone. */
export function numberedDeployment(database: DatabaseSync, number: number): KeptDeployment {
  const row = preparedStatement(database, `${selectHeads} WHERE number = ?`).get(number);
  if (row === undefined) throw lostDeployment(number);
  try {
    return keptDeploymentOf(row);
  } catch (fault) {
    // The id of a damaged row may be another deployment's, which is not to be blamed.
    const [, id] = row as unknown as readonly [number, DeploymentId];
    if (!isOfRows(fault) || isFoundById(database, number, id)) throw fault;
    throw new StoreFaultError("STORE_DAMAGED", `the row of deployment number ${number} is none that was stored`);
  }
}

/** What the store says of a deployment that others name and that is not there: of its id nothing is known. */
export function lostDeployment(number: number): StoreFaultError {
  return new StoreFaultError("STORE_DAMAGED", `deployment number ${number} of the store is not there`);
}

/** Throws STORE_DAMAGED where the index of ids does not lead to a deployment. */
export function checkFoundById(database: DatabaseSync, { number, head: { deploymentId } }: KeptDeployment): void {
  if (isFoundById(database, number, deploymentId)) return;
  throw damageAt({ deploymentId }, `the index of deployment ids does not lead to ${deploymentId}`);
}

/** Throws STORE_DAMAGED, with its place in the list, where the index of the list does not lead to a deployment. */
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
