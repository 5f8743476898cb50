import {
  type DeploymentId,
  damageAt,
  type EventStore,
  everyEvent,
  type ReadEvents,
  type StoreFaultError,
} from "@activity-events/event-store";
import { limits } from "../limits.ts";

/** Range of sequences of a deployment in reading order, inclusive. */
export interface SequenceRange {
  readonly deploymentId: DeploymentId;
  readonly order: ReadEvents["order"];
  readonly from: number;
  readonly to: number;
  /** True to look into a deleted deployment too. */
  readonly hidden?: boolean | undefined;
}

/** Finds the first sequence of the range that the store lacks, if any. */
export async function findMissing(store: EventStore, range: SequenceRange): Promise<number | undefined> {
  const { deploymentId, order, from, to, hidden } = range;
  const step = stepOf(order);
  let next = from;
  for (;;) {
    const page = await store.readEvents({
      deploymentId,
      hidden,
      order,
      cursor: next - step,
      filter: everyEvent,
      eventsMax: limits.frameEventsMax,
      bytesMax: limits.frameBytesTarget,
    });
    for (const { sequence } of page.events) {
      if (sequence !== next) return next;
      if (next === to) return undefined;
      next += step;
    }
    if (!page.more) return next;
  }
}

/** Returns the step from one sequence to the next in this order. */
export function stepOf(order: ReadEvents["order"]): 1 | -1 {
  return order === "ascending" ? 1 : -1;
}

/** Makes the error for a sequence that the head counts but the store lacks. */
export function sequenceMissing(deploymentId: DeploymentId, sequence: number): StoreFaultError {
  return damageAt(
    { deploymentId, sequence },
    `the store lacks event ${sequence} of ${deploymentId}, which the head counts`,
  );
}
