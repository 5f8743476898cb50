import type { DeploymentFilter } from "./deployment-filter.ts";
import type { HeldDeployment } from "./held-deployment.ts";

/** One deployment before and after; undefined: it was not in the collection, or is not any more. */
export interface Change {
  readonly deploymentId: string;
  readonly before: HeldDeployment | undefined;
  readonly after: HeldDeployment | undefined;
}

/** Place in the order of a list: newest created first, and the greater id of equal times, as in ListDeployments. */
export type Place = Pick<HeldDeployment, "createTimeUs" | "deploymentId">;

/** Deployments that can be looked at and listened to. */
export interface DeploymentCollection {
  get(deploymentId: string): HeldDeployment | undefined;
  values(): Iterable<HeldDeployment>;
  /** Returns the first of those that match behind a place; undefined: from the newest. */
  list(filter: DeploymentFilter, after: Place | undefined, most: number): readonly HeldDeployment[];
  /** Tells of changes until the returned function is called. */
  listen(onChanges: (changes: readonly Change[]) => void): () => void;
}

/** Tells whether one place is before another. */
export function isBefore(one: Place, other: Place): boolean {
  if (one.createTimeUs !== other.createTimeUs) return one.createTimeUs > other.createTimeUs;
  return one.deploymentId > other.deploymentId;
}
