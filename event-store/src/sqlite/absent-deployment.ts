import type { DeploymentId } from "../domain/identifiers.ts";
import { damageAt } from "../store-error.ts";

// The index of ids holds all of `indexed`, so it is not read from the rows.
const selectIds = `SELECT indexed.deployment_id, deployments.deployment_id
  FROM deployments AS indexed LEFT JOIN deployments ON deployments.number = indexed.number`;

/** The neighbours of an id in the index of ids: what the index says, and what their rows say. */
export const idBefore = `${selectIds} WHERE indexed.deployment_id < ? ORDER BY indexed.deployment_id DESC LIMIT 1`;
export const idAfter = `${selectIds} WHERE indexed.deployment_id > ? ORDER BY indexed.deployment_id LIMIT 1`;

/**
 * Throws STORE_DAMAGED when a deployment may be there though the index of ids does not lead to it: what the index says of a
 * neighbour, which was met on the way, is not so. Otherwise a damaged entry would hide its deployment, and a second one of
 * the same id would begin again at 1.
 */
export function checkAbsent(deploymentId: DeploymentId, ...neighbours: readonly unknown[]): void {
  for (const row of neighbours) {
    if (row === undefined) continue;
    const [indexed, stored] = row as readonly [string, string | null];
    if (indexed === stored) continue;
    throw damageAt({ deploymentId }, `the index of deployments is damaged where ${deploymentId} would stand`);
  }
}
