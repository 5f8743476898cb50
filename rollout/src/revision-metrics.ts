import { getJson } from "./get-json.ts";

/** What Cloud Monitoring knows of a revision since a time. */
export interface RevisionMetrics {
  readonly requests: number;
  /**
   * Of answers 429 (there was no instance) and 5xx, 0 to 1. Other answers 4xx are refusals of callers. A gRPC failure that a
   * handler answered is none: its HTTP status is 200.
   */
  readonly errorShare: number;
  /** The median; followers' streams last up to an hour and fill the upper percentiles. */
  readonly medianMs: number | undefined;
}

export interface MetricsQuery {
  readonly project: string;
  readonly service: string;
  readonly revision: string;
  readonly sinceMs: number;
  /** Where Cloud Monitoring is, if not at Google's address; with `http:` it is asked without credentials. */
  readonly endpoint: string | undefined;
}

interface TimeSeries {
  readonly metric?: { readonly labels?: { readonly response_code?: string } };
  readonly points?: readonly { readonly value: { readonly int64Value?: string; readonly doubleValue?: number } }[];
}

/** Reads error share and latency; throws when Cloud Monitoring cannot be read. It is up to three minutes behind. */
export async function readRevisionMetrics(query: MetricsQuery): Promise<RevisionMetrics> {
  const counts = await timeSeries(query, "request_count", {
    "aggregation.perSeriesAligner": "ALIGN_SUM",
    "aggregation.crossSeriesReducer": "REDUCE_SUM",
    "aggregation.groupByFields": "metric.labels.response_code",
  });
  const latencies = await timeSeries(query, "request_latencies", {
    "aggregation.perSeriesAligner": "ALIGN_DELTA",
    "aggregation.crossSeriesReducer": "REDUCE_PERCENTILE_50",
  });
  const sum = (series: readonly TimeSeries[]) =>
    series.flatMap(({ points = [] }) => points).reduce((total, { value }) => total + Number(value.int64Value ?? 0), 0);
  const requests = sum(counts);
  const errors = sum(counts.filter(({ metric }) => /^(429|5..)$/.test(metric?.labels?.response_code ?? "")));
  const [latest] = latencies.flatMap(({ points = [] }) => points);
  return { requests, errorShare: requests === 0 ? 0 : errors / requests, medianMs: latest?.value.doubleValue };
}

async function timeSeries(
  { project, service, revision, sinceMs, endpoint = "https://monitoring.googleapis.com/" }: MetricsQuery,
  metric: string,
  aggregation: Readonly<Record<string, string>>,
): Promise<readonly TimeSeries[]> {
  const nowMs = Date.now();
  const url = new URL(`v3/projects/${project}/timeSeries`, endpoint);
  const filter = [
    `metric.type="run.googleapis.com/${metric}"`,
    `resource.labels.service_name="${service}"`,
    `resource.labels.revision_name="${revision}"`,
  ].join(" AND ");
  const parameters = {
    filter,
    "interval.startTime": new Date(sinceMs).toISOString(),
    "interval.endTime": new Date(nowMs).toISOString(),
    "aggregation.alignmentPeriod": `${Math.max(60, Math.ceil((nowMs - sinceMs) / 1_000))}s`,
    ...aggregation,
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  const data = await getJson(url);
  return (data as { readonly timeSeries?: readonly TimeSeries[] }).timeSeries ?? [];
}
