import type { Head } from "../live/head.ts";
import { microsecondsOf } from "../time/microseconds.ts";

/** Place of a deployment in the list. */
export interface Place {
  readonly createdUs: number;
  readonly deploymentId: string;
}

export function placeOf({ createTime, deploymentId }: Head): Place {
  return { createdUs: microsecondsOf(createTime) ?? 0, deploymentId };
}

/** Compares by the service's order: newest created first; at the same time, by id descending. */
export function comparePlaces(one: Place, other: Place): number {
  if (one.createdUs !== other.createdUs) return other.createdUs - one.createdUs;
  return one.deploymentId < other.deploymentId ? 1 : one.deploymentId > other.deploymentId ? -1 : 0;
}

/** Sorts heads by the service's order. */
export function newestFirst(heads: Iterable<Head>): readonly Head[] {
  return [...heads]
    .map((head) => ({ head, place: placeOf(head) }))
    .sort((one, other) => comparePlaces(one.place, other.place))
    .map(({ head }) => head);
}

/** Counts the heads, sorted, that stand before a place: those that came since. */
export function countBefore(heads: readonly Head[], place: Place): number {
  const index = heads.findIndex((head) => comparePlaces(placeOf(head), place) >= 0);
  return index === -1 ? heads.length : index;
}
