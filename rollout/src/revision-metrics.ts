import { getJson } from "./get-json.ts";

/** Metrics of a revision since a given time, from Cloud Monitoring. */
export interface RevisionMetrics {
  readonly requests: number;
  /**
   * Share of HTTP answers 429 (no instance) and 5xx, 0 to 1. Other 4xx answers are callers' faults. A gRPC error from a
   * handler does not count: its HTTP status is 200.
   */
  readonly errorShare: number;
  /** Median latency in ms. Followers' streams last up to an hour and fill the upper percentiles. */
  readonly medianMs: number | undefined;
}

export interface MetricsQuery {
  readonly project: string;
  readonly service: string;
  readonly revision: string;
  readonly sinceMs: number;
  /** URL of Cloud Monitoring, if not Google's; `http:` means without credentials. */
  readonly endpoint: string | undefined;
}

interface TimeSeries {
  readonly metric?: { readonly labels?: { readonly response_code?: string } };
  readonly points?: readonly { readonly value: { readonly int64Value?: string; readonly doubleValue?: number } }[];
}

/** Reads error share and latency, which lag up to three minutes. Throws if Cloud Monitoring cannot be read. */
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
