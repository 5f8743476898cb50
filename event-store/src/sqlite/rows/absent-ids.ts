import type { DeploymentId, EventId } from "../../domain/identifiers.ts";
import { damageAt } from "../../store-error.ts";

// The index has all of `indexed`, so SQLite does not read it from the rows.
const selectIds = `SELECT indexed.deployment_id, deployments.deployment_id
  FROM deployments AS indexed LEFT JOIN deployments ON deployments.number = indexed.number`;

/** Selects the neighbours of an id in the index of deployments: values of the index, and of their rows. */
export const idBefore = `${selectIds} WHERE indexed.deployment_id < ? ORDER BY indexed.deployment_id DESC LIMIT 1`;
export const idAfter = `${selectIds} WHERE indexed.deployment_id > ? ORDER BY indexed.deployment_id LIMIT 1`;

const selectEventIds = `SELECT indexed.event_id, events.event_id, indexed.deployment, events.deployment
  FROM events AS indexed LEFT JOIN events ON events.number = indexed.number`;

/** The same for an event's id and its deployment's number. */
export const eventIdBefore = `${selectEventIds} WHERE (indexed.event_id, indexed.deployment) < (?, ?)
  ORDER BY indexed.event_id DESC, indexed.deployment DESC LIMIT 1`;
export const eventIdAfter = `${selectEventIds} WHERE (indexed.event_id, indexed.deployment) > (?, ?)
  ORDER BY indexed.event_id, indexed.deployment LIMIT 1`;

/**
 * Throws STORE_DAMAGED if a deployment or an event may exist although the index does not lead to it: the index
 * contradicts the row of a neighbour. Otherwise a damaged entry would hide its target, and a second deployment with the
 * same id would start again at 1.
 */
export function checkAbsent(
  asked: { deploymentId: DeploymentId; eventId?: EventId },
  neighbours: readonly unknown[],
): void {
  const { deploymentId, eventId } = asked;
  for (const row of neighbours) {
    if (row === undefined) continue;
    const [indexedId, storedId, indexed, stored] = row as readonly (string | number | null)[];
    if (indexedId === storedId && indexed === stored) continue;
    const what = eventId === undefined ? deploymentId : `event ${eventId} of ${deploymentId}`;
    throw damageAt({ deploymentId }, `an index of the store is damaged where ${what} would stand`);
  }
}
