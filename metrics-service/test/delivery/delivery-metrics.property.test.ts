import { seededRandom } from "@activity-events/testing/seeded-random";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { DeliveryHead } from "../../src/delivery/delivery-head.ts";
import { deliveryMetrics, type MetricsQuery } from "../../src/delivery/delivery-metrics.ts";
import type { DurationBucket, MetricsReport } from "../../src/delivery/metrics-report.ts";
import { type SlowMetrics, slowMetrics, slowQuantile } from "./slow-metrics.ts";

const { seed } = seededRandom("delivery metrics");

const hourUs = 3_600_000_000;
/** 2026-01-01, in microseconds since 1970. */
const base = 1_767_225_600_000_000;

// Few moments, in hours that straddle days and the window, so that many times are equal.
const moment = fc.integer({ min: 0, max: 60 }).map((hours) => base + hours * hourUs);
const maybe = (time: fc.Arbitrary<number>) => fc.option(time, { nil: undefined, freq: 2 });

const headOfMoments = fc.record({
  service: fc.constantFrom("", "checkout", "search"),
  environment: fc.constantFrom("production", "production", "staging", ""),
  state: fc.constantFrom<DeliveryHead["state"]>("finished", "finished", "finished", "rolled_back", "running", "queued"),
  outcome: fc.constantFrom<DeliveryHead["outcome"]>("success", "success", "success", "failure", "canceled", "error"),
  createTimeUs: moment,
  startTimeUs: maybe(moment),
  finishTimeUs: maybe(moment),
  commitTimeUs: maybe(moment),
  failureTimeUs: maybe(moment),
  recoverTimeUs: maybe(moment),
});
// Two moments are equal too seldom for each seed to have a success with a lead time of 0.
const head = fc
  .tuple(headOfMoments, fc.constantFrom(false, false, false, false, true))
  .map(([one, isCommittedAtFinish]) => (isCommittedAtFinish ? { ...one, commitTimeUs: one.finishTimeUs } : one));
const heads = fc
  .array(head, { maxLength: 40 })
  .map((all) => all.map((one, index): DeliveryHead => ({ deploymentId: `d${index}`, ...one })));
const query = fc.record({
  service: fc.constantFrom(undefined, undefined, "checkout", "unknown"),
  environment: fc.constantFrom(undefined, undefined, "production"),
  fromUs: fc.integer({ min: 0, max: 20 }).map((hours) => base + hours * hourUs),
  toUs: fc.integer({ min: 21, max: 61 }).map((hours) => base + hours * hourUs),
  nowUs: fc.constant(base + 61 * hourUs),
});

/** What both implementations say, in one form. */
function comparable(report: MetricsReport): Omit<SlowMetrics, "leadTimesUs" | "recoveryTimesUs"> {
  const { deploymentFrequency, changeLeadTime, changeFailRate, failedDeploymentRecoveryTime, reworkRate } = report;
  return {
    perDay: expect.closeTo(deploymentFrequency.perDay, 9) as unknown as number,
    succeeded: deploymentFrequency.succeeded,
    withoutCommitTime: changeLeadTime.withoutCommitTime,
    commitAfterFinish: changeLeadTime.commitAfterFinish,
    failed: changeFailRate.failed,
    succeededOrFailed: changeFailRate.succeededOrFailed,
    byResolution: failedDeploymentRecoveryTime.byResolution,
    open: failedDeploymentRecoveryTime.openFailures.map(({ deploymentId }) => deploymentId).sort(),
    rework: reworkRate.rework,
    ...report.leftOut,
  };
}

function bucketCount(values: readonly number[], buckets: readonly DurationBucket[], index: number): number {
  const above = buckets[index - 1]?.upToUs ?? Number.NEGATIVE_INFINITY;
  const upTo = buckets[index]?.upToUs ?? Number.POSITIVE_INFINITY;
  return values.filter((value) => value > above && value <= upTo).length;
}

function expectDurations(
  found: Pick<MetricsReport["changeLeadTime"], "medianUs" | "p90Us" | "distribution">,
  values: readonly number[],
): void {
  const { medianUs, p90Us, distribution } = found;
  expect({ medianUs, p90Us }).toEqual({ medianUs: slowQuantile(values, 50), p90Us: slowQuantile(values, 90) });
  expect(distribution.map(({ count }) => count)).toEqual(
    distribution.map((_, index) => bucketCount(values, distribution, index)),
  );
}

function expectSame(all: readonly DeliveryHead[], asked: MetricsQuery): void {
  const report = deliveryMetrics(all, asked);
  const { leadTimesUs, recoveryTimesUs, ...slow } = slowMetrics(all, asked);

  expect({ ...slow, open: [...slow.open].sort() }).toEqual(comparable(report));
  expectDurations(report.changeLeadTime, leadTimesUs);
  expectDurations(report.failedDeploymentRecoveryTime, recoveryTimesUs);
  const { changeLeadTime, changeFailRate, failedDeploymentRecoveryTime: recovery, reworkRate } = report;
  expect(changeLeadTime.counted).toBe(leadTimesUs.length);
  expect(recovery.byResolution + recovery.bySuccess + recovery.open).toBe(slow.failed);
  expect(changeFailRate.share).toBe(slow.succeededOrFailed === 0 ? null : slow.failed / slow.succeededOrFailed);
  expect(reworkRate.share).toBe(slow.succeeded === 0 ? null : slow.rework / slow.succeeded);
}

/** Each day by itself, from the definitions, on the days that the window touches. */
function expectDays(all: readonly DeliveryHead[], asked: MetricsQuery): void {
  const { days } = deliveryMetrics(all, asked);
  const dayOf = (timeUs: number) => new Date(timeUs / 1_000).toISOString().slice(0, 10);
  const hours = Array.from({ length: 61 }, (_, hour) => base + hour * hourUs);
  const touched = new Set(hours.filter((timeUs) => timeUs >= asked.fromUs && timeUs < asked.toUs).map(dayOf));

  expect(days.map(({ day }) => day)).toEqual([...touched]);
  for (const { day, ...counts } of days) {
    const startUs = Date.parse(day) * 1_000;
    const fromUs = Math.max(asked.fromUs, startUs);
    const toUs = Math.min(asked.toUs, startUs + 24 * hourUs);
    const { succeeded, failed, canceled, error } = slowMetrics(all, { ...asked, fromUs, toUs });
    expect(counts).toEqual({ success: succeeded, failure: failed, canceled, error });
  }
}

describe("the delivery metrics of random heads", () => {
  test("are those of the definitions", () => {
    fc.assert(fc.property(heads, query, expectSame), { seed, numRuns: 3_000 });
  });

  test("have the same counts, day by day", () => {
    fc.assert(fc.property(heads, query, expectDays), { seed, numRuns: 300 });
  });

  test("do not depend on the order of the heads", () => {
    const shuffled = heads.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
    );
    fc.assert(
      fc.property(shuffled, query, ([all, other], asked) => {
        expect(deliveryMetrics(other, asked)).toEqual(deliveryMetrics(all, asked));
      }),
      { seed, numRuns: 300 },
    );
  });

  test("come across every case that the definitions tell apart", () => {
    const cases = new Set<string>();
    for (const [all, asked] of fc.sample(fc.tuple(heads, query), { seed, numRuns: 3_000 })) {
      const { leadTimesUs, recoveryTimesUs, open, ...counts } = slowMetrics(all, asked);
      for (const [name, count] of Object.entries(counts)) if (count > 0) cases.add(name);
      if (open.length > 0) cases.add("open");
      if (leadTimesUs.includes(0)) cases.add("a lead time of 0");
      if (counts.byResolution < recoveryTimesUs.length) cases.add("recovered by a success");
      if (counts.failed + counts.succeeded > counts.succeededOrFailed) cases.add("failed and succeeded");
      for (const one of all) {
        if (one.failureTimeUs !== undefined && one.failureTimeUs === one.recoverTimeUs) cases.add("recovered at once");
        const peers = all.filter(({ service, finishTimeUs }) => service === one.service && finishTimeUs !== undefined);
        if (peers.some((peer) => peer.finishTimeUs === one.failureTimeUs)) cases.add("success and failure at a time");
        if (peers.some((peer) => peer.finishTimeUs === one.recoverTimeUs)) cases.add("success and recovery at a time");
        if (peers.some((peer) => peer !== one && peer.finishTimeUs === one.finishTimeUs)) cases.add("equal finish");
      }
    }

    expect([...cases].sort()).toEqual(
      [
        ...["perDay", "succeeded", "withoutCommitTime", "commitAfterFinish", "failed", "succeededOrFailed"],
        ...["byResolution", "open", "rework", "canceled", "error", "withoutFinishTime", "unnamed"],
        ...["a lead time of 0", "recovered by a success", "failed and succeeded", "recovered at once"],
        ...["success and failure at a time", "success and recovery at a time", "equal finish"],
      ].sort(),
    );
  });
});
