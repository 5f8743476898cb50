import type { Head } from "../live/head.ts";
import { conditionOf } from "../state/condition.ts";
import { microsecondsOf } from "../time/microseconds.ts";

/**
 * Finds the last success before a deployment among heads of its service and environment: the one that finished last, before it
 * began.
 */
export function previousSuccess(heads: readonly Head[], deploymentId: string, beginUs: number): Head | undefined {
  let previous: Head | undefined;
  let previousUs = Number.NEGATIVE_INFINITY;
  for (const head of heads) {
    const finishedUs = microsecondsOf(head.finishTime);
    if (head.deploymentId === deploymentId || finishedUs === undefined || conditionOf(head) !== "succeeded") continue;
    if (finishedUs > beginUs || finishedUs <= previousUs) continue;
    previous = head;
    previousUs = finishedUs;
  }
  return previous;
}
