import type { DeliveryHead } from "../../src/delivery/delivery-head.ts";
import type { MetricsQuery } from "../../src/delivery/delivery-metrics.ts";

/** Delivery metrics straight from their definitions, each by itself, however long it takes. */
export interface SlowMetrics {
  readonly perDay: number;
  readonly succeeded: number;
  readonly leadTimesUs: readonly number[];
  readonly withoutCommitTime: number;
  readonly commitAfterFinish: number;
  readonly failed: number;
  readonly succeededOrFailed: number;
  readonly recoveryTimesUs: readonly number[];
  readonly byResolution: number;
  readonly open: readonly string[];
  readonly rework: number;
  readonly canceled: number;
  readonly error: number;
  readonly withoutFinishTime: number;
  readonly unnamed: number;
}

const ascending = (one: number, other: number) => one - other;

export function slowMetrics(all: readonly DeliveryHead[], query: MetricsQuery): SlowMetrics {
  const chosen = all.filter(
    (head) =>
      (query.service === undefined || head.service === query.service) &&
      (query.environment === undefined || head.environment === query.environment),
  );
  const isInWindow = (timeUs: number | undefined) =>
    timeUs !== undefined && query.fromUs <= timeUs && timeUs < query.toUs;
  const isSuccess = (head: DeliveryHead) => head.state === "finished" && head.outcome === "success";
  const isNeighbour = (one: DeliveryHead, other: DeliveryHead) =>
    one.service === other.service && one.environment === other.environment;
  const recoverTime = ({ failureTimeUs: failed, recoverTimeUs: recovered }: DeliveryHead) =>
    failed !== undefined && recovered !== undefined && recovered > failed ? recovered : undefined;
  /** Finish of the next success of the same service and environment, looked for among all. */
  const nextSuccess = (failure: DeliveryHead) =>
    all
      .filter((head) => isNeighbour(head, failure) && isSuccess(head))
      .flatMap(({ finishTimeUs }) => finishTimeUs ?? [])
      .filter((finishTimeUs) => finishTimeUs > (failure.failureTimeUs ?? Number.POSITIVE_INFINITY))
      .sort(ascending)[0];

  const succeeded = chosen.filter((head) => isSuccess(head) && isInWindow(head.finishTimeUs));
  const failed = chosen.filter((head) => isInWindow(head.failureTimeUs));
  const recovery = (head: DeliveryHead) =>
    Math.min(recoverTime(head) ?? Number.POSITIVE_INFINITY, nextSuccess(head) ?? Number.POSITIVE_INFINITY);
  const recovered = failed.filter((head) => Number.isFinite(recovery(head)));
  const leadTimes = succeeded.flatMap(({ finishTimeUs = 0, commitTimeUs }) =>
    commitTimeUs === undefined ? [] : [finishTimeUs - commitTimeUs],
  );
  const ended = (success: DeliveryHead) =>
    chosen.some(
      (failure) =>
        isNeighbour(failure, success) &&
        failure.failureTimeUs !== undefined &&
        nextSuccess(failure) === success.finishTimeUs &&
        !((recoverTime(failure) ?? Number.POSITIVE_INFINITY) <= (success.finishTimeUs ?? 0)),
    );
  const stopped = chosen.filter(
    ({ state, outcome, finishTimeUs, failureTimeUs }) =>
      state === "finished" &&
      (outcome === "canceled" || outcome === "error") &&
      isInWindow(finishTimeUs) &&
      failureTimeUs === undefined,
  );
  const counted = new Set([...succeeded, ...failed, ...stopped]);
  return {
    perDay: (succeeded.length * 86_400_000_000) / (query.toUs - query.fromUs),
    succeeded: succeeded.length,
    leadTimesUs: leadTimes.filter((timeUs) => timeUs >= 0).sort(ascending),
    withoutCommitTime: succeeded.length - leadTimes.length,
    commitAfterFinish: leadTimes.filter((timeUs) => timeUs < 0).length,
    failed: failed.length,
    succeededOrFailed: new Set([...succeeded, ...failed]).size,
    recoveryTimesUs: recovered.map((head) => recovery(head) - (head.failureTimeUs ?? 0)).sort(ascending),
    byResolution: recovered.filter((head) => recovery(head) === recoverTime(head)).length,
    open: failed.filter((head) => !recovered.includes(head)).map(({ deploymentId }) => deploymentId),
    rework: succeeded.filter(ended).length,
    canceled: stopped.filter(({ outcome }) => outcome === "canceled").length,
    error: stopped.filter(({ outcome }) => outcome === "error").length,
    withoutFinishTime: chosen.filter(({ state, finishTimeUs }) => state === "finished" && finishTimeUs === undefined)
      .length,
    unnamed: [...counted].filter(({ service, environment }) => service === "" || environment === "").length,
  };
}

/** Least value such that at least this share, in percent, of all is not greater: by trying each. */
export function slowQuantile(values: readonly number[], percent: number): number | null {
  const fits = (value: number) => values.filter((other) => other <= value).length * 100 >= percent * values.length;
  return values.filter(fits).sort(ascending)[0] ?? null;
}
