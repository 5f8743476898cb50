import type { Deployment } from "@activity-events/proto/activityevents/v1/deployment_pb.js";
import { microsecondsOf } from "../verify/microseconds-of.ts";
import { type CheckpointEntry, comparePlaces, type Place } from "./checkpoint-entry.ts";

/** A deployment as it is now and as it was kept; one of the two may be missing. */
export interface Match {
  readonly head: Deployment | undefined;
  readonly entry: CheckpointEntry | undefined;
  /** False: the head came before one that it should have come behind, or twice. */
  readonly isInOrder: boolean;
}

/** Where a head stands in the list of all. */
export function placeOf({ deploymentId, createTime }: Deployment): Place {
  return { deploymentId, createTimeUs: createTime === undefined ? 0n : microsecondsOf(createTime) };
}

/**
 * Brings heads and what was kept of them together. Both come in the order of the list of all, so one of each is held, however
 * many there are.
 */
export async function* matchCheckpoint(
  heads: AsyncIterable<Deployment>,
  kept: AsyncGenerator<CheckpointEntry, void, undefined>,
): AsyncGenerator<Match, void, undefined> {
  const nextEntry = async () => (await kept.next()).value ?? undefined;
  let entry = await nextEntry();
  let last: Place | undefined;
  for await (const head of heads) {
    const place = placeOf(head);
    const isInOrder = last === undefined || comparePlaces(last, place) < 0;
    last = place;
    while (entry !== undefined && comparePlaces(entry, place) < 0) {
      yield { head: undefined, entry, isInOrder: true };
      entry = await nextEntry();
    }
    if (entry !== undefined && comparePlaces(entry, place) === 0) {
      yield { head, entry, isInOrder };
      entry = await nextEntry();
    } else {
      yield { head, entry: undefined, isInOrder };
    }
  }
  while (entry !== undefined) {
    yield { head: undefined, entry, isInOrder: true };
    entry = await nextEntry();
  }
}
