import type { DeploymentCursor } from "../../event-store.ts";

/**
 * Tells whether one comes after the other in a list of deployments: newest first, then by the bytes of the id,
 * descending.
 */
export function isBehind(one: DeploymentCursor, other: DeploymentCursor): boolean {
  if (one.createTimeUs !== other.createTimeUs) return one.createTimeUs < other.createTimeUs;
  return Buffer.compare(Buffer.from(one.deploymentId), Buffer.from(other.deploymentId)) < 0;
}
