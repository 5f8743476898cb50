import { Gauge, type Registry } from "prom-client";
import { type DeliveryHead, isInFlight } from "./delivery-head.ts";
import { deliveryLimits } from "./delivery-limits.ts";
import { lastDays, metricsOf } from "./delivery-metrics.ts";
import { groupByService, type ServiceGroup } from "./service-group.ts";
import { WindowTally } from "./window-tally.ts";

const windowDays = 30;
const labelNames = ["service", "environment"] as const;

/** What the gauges say of one service in one environment; undefined where there is nothing to say. */
interface PairValues {
  readonly group: ServiceGroup;
  readonly values: Readonly<Record<PairGauge, number | undefined>>;
}

const last = `in the last ${windowDays} days`;

/** Help texts of the gauges by service and environment. Names end with the unit. */
const pairHelp = {
  activity_delivery_succeeded_per_day: `Deployments that succeeded ${last}, per day.`,
  activity_delivery_lead_time_median_seconds: `Median time from commit to finish of deployments that succeeded ${last}.`,
  activity_delivery_lead_time_p90_seconds: `90th percentile of the time from commit to finish of deployments that succeeded ${last}.`,
  activity_delivery_change_fail_ratio: `Share of failed among the deployments that succeeded or failed ${last}.`,
  activity_delivery_recovery_time_median_seconds: `Median time from failure to recovery of failures ${last} that are over.`,
  activity_delivery_recovery_time_p90_seconds: `90th percentile of the time from failure to recovery of failures ${last} that are over.`,
  activity_delivery_rework_ratio: `Share of deployments that ended a failure among those that succeeded ${last}.`,
  activity_delivery_open_failures: `Failures ${last} that are not over.`,
  activity_deployments_in_flight: "Deployments that are queued or running.",
  activity_oldest_deployment_in_flight_age_seconds:
    "Time since the start, or else the first event, of the oldest deployment that is queued or running.",
} as const;
type PairGauge = keyof typeof pairHelp;
const pairGauges = Object.keys(pairHelp) as PairGauge[];

/** Sets the gauges to what these heads say at `nowUs`, in microseconds since 1970. */
export type SetDeliveryGauges = (heads: Iterable<DeliveryHead>, nowUs: number) => void;

/**
 * Registers the gauges of the delivery metrics. A service and environment has them while it is in flight or something
 * of it finished or failed within the window; the busiest count where there are too many.
 */
export function deliveryGauges(registry: Registry): SetDeliveryGauges {
  const registers = [registry];
  const gauges = pairGauges.map((name) => new Gauge({ name, help: pairHelp[name], labelNames, registers }));
  const leftOut = new Gauge({
    name: "activity_delivery_pairs_left_out",
    help: "Pairs of service and environment without gauges, because there are too many.",
    registers,
  });
  return (heads, nowUs) => {
    const pairs = groupByService(heads)
      .map((group) => valuesOf(group, nowUs))
      .filter((pair) => pair !== undefined)
      .sort(busiestFirst);
    for (const gauge of gauges) gauge.reset();
    for (const { group, values } of pairs.slice(0, deliveryLimits.gaugePairsMax)) {
      const { service, environment } = group;
      pairGauges.forEach((name, index) => {
        const value = values[name];
        if (value !== undefined) gauges[index]?.set({ service, environment }, value);
      });
    }
    leftOut.set(Math.max(0, pairs.length - deliveryLimits.gaugePairsMax));
  };
}

/** Undefined if nothing is in flight and nothing happened in the window. */
function valuesOf(group: ServiceGroup, nowUs: number): PairValues | undefined {
  const tally = new WindowTally(lastDays(nowUs, windowDays));
  tally.add(group);
  const inFlight = group.heads.filter(isInFlight);
  if (inFlight.length + tally.succeededOrFailed + tally.canceled + tally.error === 0) return undefined;
  const { deploymentFrequency, changeLeadTime, changeFailRate, failedDeploymentRecoveryTime, reworkRate } = metricsOf(
    tally,
    windowDays,
  );
  const values = {
    activity_delivery_succeeded_per_day: deploymentFrequency.perDay,
    activity_delivery_lead_time_median_seconds: secondsOf(changeLeadTime.medianUs),
    activity_delivery_lead_time_p90_seconds: secondsOf(changeLeadTime.p90Us),
    activity_delivery_change_fail_ratio: changeFailRate.share ?? undefined,
    activity_delivery_recovery_time_median_seconds: secondsOf(failedDeploymentRecoveryTime.medianUs),
    activity_delivery_recovery_time_p90_seconds: secondsOf(failedDeploymentRecoveryTime.p90Us),
    activity_delivery_rework_ratio: reworkRate.share ?? undefined,
    activity_delivery_open_failures: failedDeploymentRecoveryTime.open,
    activity_deployments_in_flight: inFlight.length,
    activity_oldest_deployment_in_flight_age_seconds: oldestAgeSeconds(inFlight, nowUs),
  };
  return { group, values };
}

function secondsOf(durationUs: number | null): number | undefined {
  return durationUs === null ? undefined : durationUs / 1_000_000;
}

/** Ages below 0, which come from a producer's clock that is ahead, are 0. */
function oldestAgeSeconds(inFlight: readonly DeliveryHead[], nowUs: number): number | undefined {
  let oldestUs = Number.POSITIVE_INFINITY;
  for (const { startTimeUs, createTimeUs } of inFlight) oldestUs = Math.min(oldestUs, startTimeUs ?? createTimeUs);
  return inFlight.length === 0 ? undefined : Math.max(0, nowUs - oldestUs) / 1_000_000;
}

function busiestFirst({ group: one }: PairValues, { group: other }: PairValues): number {
  return (
    other.heads.length - one.heads.length ||
    compare(one.service, other.service) ||
    compare(one.environment, other.environment)
  );
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
