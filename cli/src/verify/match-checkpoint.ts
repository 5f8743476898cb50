import type { Fault } from "@activity-events/client";
import { microsecondsOf } from "@activity-events/client/internal";
import type { Deployment } from "@activity-events/proto/activityevents/v1/deployment_pb.js";
import { type CheckpointEntry, comparePlaces, type Place } from "./checkpoint-entry.ts";
import type { ListedHead } from "./listed-heads.ts";

/** A deployment as it is now and as it was kept; one of the two may be missing. */
export interface DeploymentMatch {
  readonly kind: "deployment";
  readonly head: Deployment | undefined;
  readonly entry: CheckpointEntry | undefined;
  /** False: the head came before one that it should have come behind. */
  readonly isInOrder: boolean;
  /** The list went past the place of the entry, or to its end, without a head. */
  readonly isLeftOut: boolean;
  /** A fault before this one says that it is damaged. */
  readonly isDamaged: boolean;
}

/** A match, or what is wrong in the place of one. */
export type Match = DeploymentMatch | { readonly kind: "fault"; readonly fault: Fault };

/** Where a head stands in the list of all. */
export function placeOf({ deploymentId, createTime }: Deployment): Place {
  return { deploymentId, createTimeUs: createTime === undefined ? 0n : microsecondsOf(createTime) };
}

/**
 * Brings heads and what was kept of them together. Both come in the order of the list of all, so one of each is held, however
 * many there are; beside them the ids of what is damaged.
 */
export async function* matchCheckpoint(
  listed: AsyncIterable<ListedHead>,
  kept: AsyncGenerator<CheckpointEntry, void, undefined>,
): AsyncGenerator<Match, void, undefined> {
  const damaged = new Set<string>();
  let isWhole = true;
  let entry = (await kept.next()).value ?? undefined;
  let last: Place | undefined;
  /** The entries before a place; all without one. */
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
