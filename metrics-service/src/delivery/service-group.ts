import { type DeliveryHead, hasSucceeded } from "./delivery-head.ts";

/** Deployments of one service in one environment, whose successes end each other's failures. */
export interface ServiceGroup {
  readonly service: string;
  readonly environment: string;
  readonly heads: readonly DeliveryHead[];
  /** Finish times of the deployments that succeeded, ascending, of all time. */
  readonly successTimesUs: Float64Array;
}

/** End of a failure. */
export type FailureEnd =
  | { readonly by: "resolution" | "success"; readonly timeUs: number }
  | { readonly by: "nothing" };

/** Groups the heads by service and environment; empty names are names. */
export function groupByService(heads: Iterable<DeliveryHead>): ServiceGroup[] {
  const byService = new Map<string, Map<string, DeliveryHead[]>>();
  for (const head of heads) {
    const byEnvironment = byService.get(head.service);
    const group = byEnvironment?.get(head.environment);
    if (group !== undefined) group.push(head);
    else if (byEnvironment !== undefined) byEnvironment.set(head.environment, [head]);
    else byService.set(head.service, new Map([[head.environment, [head]]]));
  }
  return [...byService].flatMap(([service, byEnvironment]) =>
    [...byEnvironment].map(([environment, group]) => {
      return { service, environment, heads: group, successTimesUs: successTimesOf(group) };
    }),
  );
}

function successTimesOf(heads: readonly DeliveryHead[]): Float64Array {
  const times: number[] = [];
  for (const head of heads) if (hasSucceeded(head) && head.finishTimeUs !== undefined) times.push(head.finishTimeUs);
  return Float64Array.from(times).sort();
}

/**
 * Finds the end of a deployment's failure: the resolution of its incident or the next success of its group, whichever
 * is earlier and later than the failure. At equal times the resolution counts.
 */
export function endOfFailure(
  { successTimesUs }: ServiceGroup,
  failureTimeUs: number,
  recoverTimeUs: number | undefined,
): FailureEnd {
  const success = firstAfter(successTimesUs, failureTimeUs);
  const isResolved = recoverTimeUs !== undefined && recoverTimeUs > failureTimeUs;
  if (isResolved && (success === undefined || recoverTimeUs <= success)) {
    return { by: "resolution", timeUs: recoverTimeUs };
  }
  return success === undefined ? { by: "nothing" } : { by: "success", timeUs: success };
}

function firstAfter(ascending: Float64Array, timeUs: number): number | undefined {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] as number) > timeUs) high = middle;
    else low = middle + 1;
  }
  return ascending[low];
}
