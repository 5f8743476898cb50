import type { Fault } from "@activity-events/client";
import { microsecondsOf } from "@activity-events/client/internal";
import type { Deployment } from "@activity-events/proto/activityevents/v1/deployment_pb.js";
import { type CheckpointEntry, comparePlaces, type Place } from "./checkpoint-entry.ts";
import type { ListedHead } from "./listed-heads.ts";

/** A deployment's current head and its checkpoint entry; one of the two may be missing. */
export interface DeploymentMatch {
  readonly kind: "deployment";
  readonly head: Deployment | undefined;
  readonly entry: CheckpointEntry | undefined;
  /** False if the list names the head out of order. */
  readonly isInOrder: boolean;
  /** True if the list passed the position of the entry, or ended, without a head. */
  readonly isLeftOut: boolean;
  /** True if an earlier fault reported the damage. */
  readonly isDamaged: boolean;
}

/** A match, or a fault in its place. */
export type Match = DeploymentMatch | { readonly kind: "fault"; readonly fault: Fault };

/** Returns the position of a head in ListDeployments. */
export function placeOf({ deploymentId, createTime }: Deployment): Place {
  return { deploymentId, createTimeUs: createTime === undefined ? 0n : microsecondsOf(createTime) };
}

/**
 * Merges heads with checkpoint entries. Both come in the order of ListDeployments, so only one of each is in memory, plus
 * the ids of damaged deployments.
 */
export async function* matchCheckpoint(
  listed: AsyncIterable<ListedHead>,
  kept: AsyncGenerator<CheckpointEntry, void, undefined>,
): AsyncGenerator<Match, void, undefined> {
  const damaged = new Set<string>();
  let isWhole = true;
  let entry = (await kept.next()).value ?? undefined;
  let last: Place | undefined;
  /** Yields the entries before a position; all entries without one. */
  async function* entriesBefore(place: Place | undefined): AsyncGenerator<Match, void, undefined> {
    while (entry !== undefined && (place === undefined || comparePlaces(entry, place) < 0)) {
      const isDamaged = damaged.has(entry.deploymentId);
      const isLeftOut = isWhole && !isDamaged;
      yield { kind: "deployment", head: undefined, entry, isInOrder: true, isLeftOut, isDamaged };
      entry = (await kept.next()).value ?? undefined;
    }
  }

  for await (const next of listed) {
    if (next.kind === "fault") {
      damaged.add(next.fault.deploymentId);
      isWhole &&= !next.endsList;
      yield next;
      continue;
    }
    const { head } = next;
    const place = placeOf(head);
    const order = last === undefined ? -1 : comparePlaces(last, place);
    last = place;
    if (order === 0) {
      yield { kind: "fault", fault: namedTwice(head) };
      continue;
    }
    yield* entriesBefore(place);
    const isKept = entry !== undefined && comparePlaces(entry, place) === 0;
    const found = { head, entry: isKept ? entry : undefined, isInOrder: order < 0 };
    yield { kind: "deployment", ...found, isLeftOut: false, isDamaged: false };
    if (isKept) entry = (await kept.next()).value ?? undefined;
  }
  yield* entriesBefore(undefined);
}

function namedTwice({ deploymentId }: Deployment): Fault {
  return { kind: "LIST_ORDER", deploymentId, sequence: undefined, description: "the list names it twice" };
}
