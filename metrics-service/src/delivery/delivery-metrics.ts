import { DayTally } from "./day-tally.ts";
import type { DeliveryHead } from "./delivery-head.ts";
import { deliveryLimits } from "./delivery-limits.ts";
import { durationBuckets } from "./duration-buckets.ts";
import type { MetricsChoices, MetricsReport, OpenFailure } from "./metrics-report.ts";
import { quantilesOf } from "./quantiles.ts";
import { groupByService, type ServiceGroup } from "./service-group.ts";
import { type TimeWindow, WindowTally } from "./window-tally.ts";

const dayUs = 86_400_000_000;

/** Choice of what a report is about. Times are in whole microseconds since 1970. */
export interface MetricsQuery extends TimeWindow {
  /** Undefined for all. */
  readonly service?: string | undefined;
  readonly environment?: string | undefined;
  /** Time of the report. */
  readonly nowUs: number;
}

/** Measures these days up to now: the usual window. */
export function lastDays(nowUs: number, days: number): TimeWindow & { readonly nowUs: number } {
  return { fromUs: nowUs - days * dayUs, toUs: nowUs, nowUs };
}

/**
 * Computes the five delivery metrics of a window over all heads, which must include those outside the window: they end
 * failures in it. Throws a RangeError for a window out of bounds.
 */
export function deliveryMetrics(heads: Iterable<DeliveryHead>, query: MetricsQuery): MetricsReport {
  return reportOf(groupByService(heads), query);
}

/** Computes the delivery metrics over groups made by `groupByService`. */
export function reportOf(groups: readonly ServiceGroup[], query: MetricsQuery): MetricsReport {
  const { service, environment, fromUs, toUs, nowUs } = query;
  const days = new DayTally(query);
  const tally = new WindowTally(query, (kind, timeUs) => days.add(kind, timeUs));
  for (const group of groups) {
    const isChosen = group.service === (service ?? group.service);
    if (isChosen && group.environment === (environment ?? group.environment)) tally.add(group);
  }
  const windowDays = (toUs - fromUs) / dayUs;
  return {
    window: { fromUs, toUs, nowUs, days: windowDays },
    service: service ?? null,
    environment: environment ?? null,
    choices: choicesOf(groups),
    ...metricsOf(tally, windowDays),
    days: days.days,
  };
}

type Metrics = Omit<MetricsReport, "window" | "service" | "environment" | "choices" | "days">;

/** Derives the metrics from a window's counts and durations. */
export function metricsOf(tally: WindowTally, windowDays: number): Metrics {
  const { succeeded, failed, succeededOrFailed, byResolution, bySuccess, rework } = tally;
  const { withoutCommitTime, commitAfterFinish, canceled, error, withoutFinishTime, unnamed } = tally;
  const leadTimes = Float64Array.from(tally.leadTimesUs).sort();
  const recoveryTimes = Float64Array.from(tally.recoveryTimesUs).sort();
  return {
    deploymentFrequency: { perDay: succeeded / windowDays, succeeded },
    changeLeadTime: {
      ...quantilesOf(leadTimes),
      counted: leadTimes.length,
      succeeded,
      withoutCommitTime,
      commitAfterFinish,
      distribution: durationBuckets(leadTimes),
    },
    changeFailRate: { share: share(failed, succeededOrFailed), failed, succeededOrFailed },
    failedDeploymentRecoveryTime: {
      ...quantilesOf(recoveryTimes),
      failed,
      recovered: recoveryTimes.length,
      byResolution,
      bySuccess,
      open: tally.openFailures.length,
      openFailures: tally.openFailures.toSorted(newestFirst).slice(0, deliveryLimits.openFailuresMax),
      distribution: durationBuckets(recoveryTimes),
    },
    reworkRate: { share: share(rework, succeeded), rework, succeeded },
    leftOut: { canceled, error, withoutFinishTime, unnamed },
  };
}

function share(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

function newestFirst(one: OpenFailure, other: OpenFailure): number {
  return other.failureTimeUs - one.failureTimeUs || (one.deploymentId < other.deploymentId ? -1 : 1);
}

function choicesOf(groups: readonly ServiceGroup[]): MetricsChoices {
  const services = namesOf(groups.map(({ service }) => service));
  const environments = namesOf(groups.map(({ environment }) => environment));
  const { namesMax } = deliveryLimits;
  return {
    services: services.slice(0, namesMax),
    environments: environments.slice(0, namesMax),
    servicesLeftOut: Math.max(0, services.length - namesMax),
    environmentsLeftOut: Math.max(0, environments.length - namesMax),
  };
}

function namesOf(names: readonly string[]): string[] {
  return [...new Set(names)].filter((name) => name !== "").sort();
}
