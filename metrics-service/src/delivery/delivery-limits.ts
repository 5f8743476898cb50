/** Bounds of everything in a report and in the gauges that grows with what is stored, each with unit and reason. */
export const deliveryLimits = {
  /** Days of a window: a bar for each must fit into a chart. */
  windowDaysMax: 366,
  /** Open failures named in a report, newest first; the rest is counted. */
  openFailuresMax: 100,
  /** Services and environments named in a report: more than a person can choose from. */
  namesMax: 1_000,
  /** Pairs of service and environment with gauges: about ten time series each. */
  gaugePairsMax: 500,
  /** Environments with gauges, two time series each: previews of branches may be many. */
  gaugeEnvironmentsMax: 500,
} as const;
