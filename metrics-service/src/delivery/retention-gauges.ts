import { Gauge, type Registry } from "prom-client";
import { deliveryLimits } from "./delivery-limits.ts";

/** Fields of a deployment's head that its retention depends on. The time is in whole microseconds since 1970. */
export interface KeptHead {
  /** Empty if no event names one. */
  readonly environment: string;
  /** Time of the last event. */
  readonly updateTimeUs: number;
}

/** Sets the gauges to what these heads say at `nowUs`, in microseconds since 1970. */
export type SetRetentionGauges = (heads: Iterable<KeptHead>, nowUs: number) => void;

/**
 * Registers the gauges that tell what retention leaves: deployments by environment, and the age of the oldest. Where there are too many
 * environments, those with the most deployments have them.
 */
export function retentionGauges(registry: Registry): SetRetentionGauges {
  const registers = [registry];
  const labelNames = ["environment"] as const;
  const deployments = new Gauge({
    name: "activity_deployments",
    help: "Deployments that are kept.",
    labelNames,
    registers,
  });
  const oldestAge = new Gauge({
    name: "activity_oldest_deployment_age_seconds",
    help: "Time since the last event of the deployment whose last event is the oldest.",
    labelNames,
    registers,
  });
  const leftOut = new Gauge({
    name: "activity_environments_left_out",
    help: "Environments without gauges, because there are too many.",
    registers,
  });
  return (heads, nowUs) => {
    const environments = [...byEnvironment(heads)].sort(mostFirst);
    deployments.reset();
    oldestAge.reset();
    for (const [environment, { count, oldestUs }] of environments.slice(0, deliveryLimits.gaugeEnvironmentsMax)) {
      deployments.set({ environment }, count);
      // A clock that is ahead makes no age below 0.
      oldestAge.set({ environment }, Math.max(0, nowUs - oldestUs) / 1_000_000);
    }
    leftOut.set(Math.max(0, environments.length - deliveryLimits.gaugeEnvironmentsMax));
  };
}

interface Kept {
  count: number;
  /** The oldest last event. */
  oldestUs: number;
}

function byEnvironment(heads: Iterable<KeptHead>): ReadonlyMap<string, Kept> {
  const environments = new Map<string, Kept>();
  for (const { environment, updateTimeUs } of heads) {
    const kept = environments.get(environment);
    if (kept === undefined) environments.set(environment, { count: 1, oldestUs: updateTimeUs });
    else {
      kept.count += 1;
      kept.oldestUs = Math.min(kept.oldestUs, updateTimeUs);
    }
  }
  return environments;
}

function mostFirst([one, { count }]: readonly [string, Kept], [other, kept]: readonly [string, Kept]): number {
  return kept.count - count || (one < other ? -1 : 1);
}
