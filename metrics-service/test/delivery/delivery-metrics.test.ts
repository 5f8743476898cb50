import { describe, expect, test } from "@jest/globals";
import { deliveryMetrics, lastDays } from "../../src/delivery/delivery-metrics.ts";
import { dayUs, deliveryHead, failedHead, hourUs, minuteUs, nowUs } from "./delivery-head-builder.ts";

const month = lastDays(nowUs, 30);
const at = (daysAgo: number) => nowUs - daysAgo * dayUs;

describe("the delivery metrics", () => {
  test("of nothing are 0 where they count, and null where they divide", () => {
    const report = deliveryMetrics([], month);

    expect(report.deploymentFrequency).toEqual({ perDay: 0, succeeded: 0 });
    expect(report.changeLeadTime).toMatchObject({ medianUs: null, p90Us: null, counted: 0 });
    expect(report.changeFailRate).toEqual({ share: null, failed: 0, succeededOrFailed: 0 });
    expect(report.reworkRate).toEqual({ share: null, rework: 0, succeeded: 0 });
    expect(report.days).toHaveLength(30);
  });

  test("take median and 90th percentile by nearest rank, so each is a time that occurred", () => {
    const heads = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((hours) =>
      deliveryHead({ finishTimeUs: at(2), commitTimeUs: at(2) - hours * hourUs }),
    );

    expect(deliveryMetrics(heads, month).changeLeadTime).toMatchObject({ medianUs: 5 * hourUs, p90Us: 9 * hourUs });
  });

  test("say how many succeeded deployments have no lead time, and why", () => {
    const heads = [
      deliveryHead({ commitTimeUs: at(3) }),
      deliveryHead(),
      deliveryHead({ finishTimeUs: at(5), commitTimeUs: at(4) }),
    ];

    const { changeLeadTime } = deliveryMetrics(heads, month);

    expect(changeLeadTime).toMatchObject({ counted: 1, succeeded: 3, withoutCommitTime: 1, commitAfterFinish: 1 });
  });

  test("count a deployment that succeeded and then had an incident once in each denominator", () => {
    const heads = [deliveryHead({ finishTimeUs: at(3), failureTimeUs: at(2) }), deliveryHead()];

    const report = deliveryMetrics(heads, month);

    expect(report.changeFailRate).toEqual({ share: 1 / 2, failed: 1, succeededOrFailed: 2 });
    expect(report.deploymentFrequency.succeeded).toBe(2);
  });

  test("let a success after the window end a failure in it", () => {
    const heads = [failedHead(at(10)), deliveryHead({ finishTimeUs: at(1) })];

    const report = deliveryMetrics(heads, { fromUs: at(12), toUs: at(8), nowUs });

    expect(report.failedDeploymentRecoveryTime).toMatchObject({ medianUs: 9 * dayUs, bySuccess: 1, open: 0 });
    expect(report.reworkRate).toEqual({ share: null, rework: 0, succeeded: 0 });
  });

  test("count a success that ended a failure from before the window as rework", () => {
    const heads = [failedHead(at(10)), deliveryHead({ finishTimeUs: at(1) }), deliveryHead({ finishTimeUs: at(0.5) })];

    const report = deliveryMetrics(heads, lastDays(nowUs, 7));

    expect(report.reworkRate).toEqual({ share: 1 / 2, rework: 1, succeeded: 2 });
    expect(report.failedDeploymentRecoveryTime).toMatchObject({ failed: 0, recovered: 0 });
  });

  test("end a failure with its incident's resolution if that is earlier, and then call no success rework", () => {
    const failureTimeUs = at(3);
    const heads = [
      failedHead(failureTimeUs, { recoverTimeUs: failureTimeUs + 20 * minuteUs }),
      deliveryHead({ finishTimeUs: at(2) }),
    ];

    const report = deliveryMetrics(heads, month);

    expect(report.failedDeploymentRecoveryTime).toMatchObject({ medianUs: 20 * minuteUs, byResolution: 1 });
    expect(report.reworkRate.rework).toBe(0);
  });

  test("leave a failure open while only other services and environments succeed", () => {
    const heads = [
      failedHead(at(3), { deploymentId: "broken" }),
      deliveryHead({ service: "search" }),
      deliveryHead({ environment: "staging" }),
    ];

    const { open, openFailures } = deliveryMetrics(heads, month).failedDeploymentRecoveryTime;

    expect(open).toBe(1);
    expect(openFailures).toEqual([
      { deploymentId: "broken", service: "checkout", environment: "production", failureTimeUs: at(3) },
    ]);
  });

  test("show canceled deployments and errors, and count them nowhere", () => {
    const heads = [deliveryHead({ outcome: "canceled" }), deliveryHead({ outcome: "error" })];

    const report = deliveryMetrics(heads, month);

    expect(report.leftOut).toMatchObject({ canceled: 1, error: 1 });
    expect(report.changeFailRate.succeededOrFailed).toBe(0);
  });

  test("count what happened at the window's start, and not what happened at its end", () => {
    const heads = [deliveryHead({ finishTimeUs: at(7) }), deliveryHead({ finishTimeUs: nowUs })];

    expect(deliveryMetrics(heads, lastDays(nowUs, 7)).deploymentFrequency).toEqual({ perDay: 1 / 7, succeeded: 1 });
  });

  test("name the newest open failures, and count all", () => {
    const heads = Array.from({ length: 150 }, (_, index) =>
      failedHead(nowUs - (index + 1) * minuteUs, { deploymentId: `f${index}` }),
    );

    const { open, openFailures } = deliveryMetrics(heads, month).failedDeploymentRecoveryTime;

    expect(open).toBe(150);
    expect(openFailures.map(({ deploymentId }) => deploymentId)).toEqual(
      Array.from({ length: 100 }, (_, index) => `f${index}`),
    );
  });

  test("offer the services and environments of all heads to choose from, and say how many are too many", () => {
    const heads = Array.from({ length: 1_002 }, (_, index) => deliveryHead({ service: `s${1_000 + index}` }));

    const { choices } = deliveryMetrics([...heads, deliveryHead({ service: "" })], { ...month, service: "s1000" });

    expect(choices).toMatchObject({ environments: ["production"], servicesLeftOut: 2, environmentsLeftOut: 0 });
    expect(choices.services).toHaveLength(1_000);
  });

  test.each([
    [nowUs, nowUs],
    [nowUs - 367 * dayUs, nowUs],
  ])("refuse a window from %d to %d µs", (fromUs, toUs) => {
    expect(() => deliveryMetrics([], { fromUs, toUs, nowUs })).toThrow(/a window has 1 µs to 366 days/);
  });
});
