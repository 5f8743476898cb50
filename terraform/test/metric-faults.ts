import { ofType, type PlannedResource, theOnly } from "./planned-environment.ts";

interface Metric {
  readonly kind: "gauge" | "count" | "distribution" | "truth";
  readonly resource: string;
  readonly labels: readonly string[];
}

/** A question to Cloud Monitoring, of an alert or a chart. */
interface Query {
  readonly asker: string;
  readonly filter: string;
  readonly aligner: string;
  readonly reducer: string;
  readonly groupBy: readonly string[];
}

// As Google's lists of metrics describe them.
const platformMetrics: Readonly<Record<string, Metric>> = {
  "firestore.googleapis.com/storage/backups_storage_bytes": gaugeOf("firestore.googleapis.com/Database"),
  "monitoring.googleapis.com/uptime_check/check_passed": {
    kind: "truth",
    resource: "uptime_url",
    labels: ["check_id"],
  },
  "pubsub.googleapis.com/subscription/num_undelivered_messages": gaugeOf("pubsub_subscription"),
  "pubsub.googleapis.com/subscription/oldest_unacked_message_age": gaugeOf("pubsub_subscription"),
  "run.googleapis.com/container/instance_count": gaugeOf("cloud_run_revision"),
  "run.googleapis.com/job/completed_execution_count": {
    kind: "count",
    resource: "cloud_run_job",
    labels: ["result"],
  },
  "run.googleapis.com/request_count": {
    kind: "count",
    resource: "cloud_run_revision",
    labels: ["response_code", "response_code_class"],
  },
};

// What Cloud Monitoring takes; a rate of a gauge or a percentile of a count is refused, or says nothing.
const aggregations: Readonly<Record<Metric["kind"], RegExp>> = {
  gauge: /^ALIGN_(MAX|MEAN|MIN) REDUCE_(MAX|MEAN|MIN|SUM)$/,
  count: /^ALIGN_(DELTA|RATE) REDUCE_SUM$/,
  truth: /^ALIGN_NEXT_OLDER REDUCE_COUNT_(FALSE|TRUE)$/,
  distribution: /^ALIGN_DELTA REDUCE_PERCENTILE_\d\d$/,
};

/** Where alerts, charts and the objective ask for what there is not, or for it in a way that it cannot be told, a sentence each. */
export function metricFaults(resources: readonly PlannedResource[]): readonly string[] {
  const metrics = new Map([...Object.entries(platformMetrics), ...logMetrics(resources)]);
  return [...alertQueries(resources), ...chartQueries(resources), ...objectiveQueries(resources)].flatMap((query) => {
    const { asker, filter, aligner, reducer, groupBy } = query;
    // The objective's own burn rate is no metric.
    if (filter.startsWith("select_slo_burn_rate(")) return [];
    const [, type = ""] = /metric[.]type="([^"]+)"/.exec(filter) ?? [];
    const [, resource] = /resource[.]type="([^"]+)"/.exec(filter) ?? [];
    const metric = metrics.get(type);
    if (metric === undefined) return [`${asker} asks for ${type}, which nobody writes`];
    const asked = [filter, ...groupBy].flatMap((text) => [...text.matchAll(/metric[.]labels?[.](\w+)/g)]);
    const foreign = asked.map(([, label = ""]) => label).filter((label) => !metric.labels.includes(label));
    return [
      ...(resource === metric.resource ? [] : [`${asker} asks for ${type} of ${resource}`]),
      ...foreign.map((label) => `${asker} asks for the label ${label}, which ${type} has not`),
      ...(aggregations[metric.kind].test(`${aligner} ${reducer}`)
        ? []
        : [`${asker} asks for ${aligner} and ${reducer} of ${type}, a ${metric.kind}`]),
    ];
  });
}

function gaugeOf(resource: string): Metric {
  return { kind: "gauge", resource, labels: [] };
}

function logMetrics(resources: readonly PlannedResource[]): readonly (readonly [string, Metric])[] {
  return ofType(resources, "google_logging_metric").map(({ values }) => {
    const kind = values.metric_descriptor[0].value_type === "DISTRIBUTION" ? "distribution" : "count";
    const labels = Object.keys(values.label_extractors ?? {});
    return [`logging.googleapis.com/user/${values.name}`, { kind, resource: "cloud_run_revision", labels }];
  });
}

// biome-ignore lint/suspicious/noExplicitAny: as the provider's schema says
type Block = any;

function alertQueries(resources: readonly PlannedResource[]): readonly Query[] {
  return ofType(resources, "google_monitoring_alert_policy").flatMap(({ values }) =>
    values.conditions.flatMap(({ condition_threshold: [above], condition_absent: [absent] }: Block) => {
      const condition = above ?? absent;
      const queryOf = (filter: string, [aggregation]: Block): Query => ({
        asker: `the alert ${values.display_name}`,
        filter,
        aligner: aggregation?.per_series_aligner,
        reducer: aggregation?.cross_series_reducer,
        groupBy: aggregation?.group_by_fields ?? [],
      });
      const denominator = condition.denominator_filter;
      return [
        queryOf(condition.filter, condition.aggregations),
        ...(denominator ? [queryOf(denominator, condition.denominator_aggregations)] : []),
      ];
    }),
  );
}

function chartQueries(resources: readonly PlannedResource[]): readonly Query[] {
  const { mosaicLayout } = JSON.parse(theOnly(resources, "google_monitoring_dashboard").dashboard_json);
  return mosaicLayout.tiles.flatMap(({ widget }: Block) =>
    widget.xyChart.dataSets.map(({ timeSeriesQuery: { timeSeriesFilter } }: Block): Query => {
      const { filter, aggregation } = timeSeriesFilter;
      const { perSeriesAligner: aligner, crossSeriesReducer: reducer, groupByFields: groupBy = [] } = aggregation;
      return { asker: `the chart ${widget.title}`, filter, aligner, reducer, groupBy };
    }),
  );
}

function objectiveQueries(resources: readonly PlannedResource[]): readonly Query[] {
  const [ratio] = theOnly(resources, "google_monitoring_slo").request_based_sli[0].good_total_ratio;
  // Of shares Cloud Monitoring counts, whatever else: so they must be counts.
  return [ratio.bad_service_filter, ratio.total_service_filter].map((filter) => ({
    asker: "the objective",
    filter,
    aligner: "ALIGN_DELTA",
    reducer: "REDUCE_SUM",
    groupBy: [],
  }));
}
