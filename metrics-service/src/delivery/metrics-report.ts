/**
 * JSON of `/api/metrics`: the delivery metrics of a window, for the chosen service and environment. Times are in whole
 * microseconds since 1970, durations in microseconds, shares from 0 to 1. What cannot be computed is null.
 */
export interface MetricsReport {
  readonly window: MetricsWindow;
  /** Chosen service; null for all. */
  readonly service: string | null;
  readonly environment: string | null;
  readonly choices: MetricsChoices;
  readonly deploymentFrequency: DeploymentFrequency;
  readonly changeLeadTime: ChangeLeadTime;
  readonly changeFailRate: ChangeFailRate;
  readonly failedDeploymentRecoveryTime: RecoveryTime;
  readonly reworkRate: ReworkRate;
  readonly leftOut: LeftOut;
  /** A row for each UTC day that the window touches, in order; the first and the last may be partial. */
  readonly days: readonly DayOutcomes[];
}

/** From `fromUs`, up to but not including `toUs`. */
export interface MetricsWindow {
  readonly fromUs: number;
  readonly toUs: number;
  /** Time of the report. */
  readonly nowUs: number;
  /** Length in days of 24 hours. */
  readonly days: number;
}

/** Services and environments of all heads, sorted, without the empty name. */
export interface MetricsChoices {
  readonly services: readonly string[];
  readonly environments: readonly string[];
  /** Names beyond the bound. */
  readonly servicesLeftOut: number;
  readonly environmentsLeftOut: number;
}

export interface DeploymentFrequency {
  readonly perDay: number;
  /** Deployments that succeeded and finished in the window. */
  readonly succeeded: number;
}

/** Median and 90th percentile by nearest rank; null without values. */
export interface DurationQuantiles {
  readonly medianUs: number | null;
  readonly p90Us: number | null;
}

export interface ChangeLeadTime extends DurationQuantiles {
  /** Succeeded deployments with a lead time. */
  readonly counted: number;
  readonly succeeded: number;
  /** Succeeded deployments without a commit time. */
  readonly withoutCommitTime: number;
  /** Succeeded deployments whose commit is later than their finish. */
  readonly commitAfterFinish: number;
  readonly distribution: readonly DurationBucket[];
}

export interface ChangeFailRate {
  readonly share: number | null;
  /** Deployments that failed in the window. */
  readonly failed: number;
  /** Deployments that succeeded or failed in the window; one that did both counts once. */
  readonly succeededOrFailed: number;
}

export interface RecoveryTime extends DurationQuantiles {
  readonly failed: number;
  readonly recovered: number;
  /** Recovered by a resolved incident, and by the next success. */
  readonly byResolution: number;
  readonly bySuccess: number;
  readonly open: number;
  /** The newest open failures, newest first. */
  readonly openFailures: readonly OpenFailure[];
  readonly distribution: readonly DurationBucket[];
}

export interface OpenFailure {
  readonly deploymentId: string;
  readonly service: string;
  readonly environment: string;
  readonly failureTimeUs: number;
}

export interface ReworkRate {
  readonly share: number | null;
  /** Succeeded deployments that ended a failure. */
  readonly rework: number;
  readonly succeeded: number;
}

/** Deployments that no metric counts, or that need a word. */
export interface LeftOut {
  /** Canceled, or ended by an error, in the window, without a failure. */
  readonly canceled: number;
  readonly error: number;
  /** Finished at any time, but without a finish time, and so in no window. */
  readonly withoutFinishTime: number;
  /** Counted in the window, but without a service or an environment: those without form a group of their own. */
  readonly unnamed: number;
}

/** Deployments of a UTC day: by finish time, those that failed by failure time. One that did both is in both. */
export interface DayOutcomes {
  /** Such as 2026-11-28. */
  readonly day: string;
  readonly success: number;
  readonly failure: number;
  readonly canceled: number;
  readonly error: number;
}

/** Durations above the bound of the bucket before, up to and including this one. */
export interface DurationBucket {
  /** Null for the last bucket, which has no bound. */
  readonly upToUs: number | null;
  readonly count: number;
}
