locals {
  charts = [
    { title = "Calls by status", filter = local.metric_filter.calls, aligner = "ALIGN_RATE", reducer = "REDUCE_SUM", by = ["metric.label.code"] },
    { title = "Calls by method", filter = local.metric_filter.calls, aligner = "ALIGN_RATE", reducer = "REDUCE_SUM", by = ["metric.label.method"] },
    { title = "Duration of calls, 99th percentile, ms", filter = local.metric_filter.call_duration, aligner = "ALIGN_DELTA", reducer = "REDUCE_PERCENTILE_99", by = [] },
    { title = "Mirror: lag, 95th percentile, ms", filter = local.metric_filter.mirror_lag, aligner = "ALIGN_DELTA", reducer = "REDUCE_PERCENTILE_95", by = [] },
    { title = "Mirror: faults by code", filter = local.metric_filter.mirror_faults, aligner = "ALIGN_RATE", reducer = "REDUCE_SUM", by = ["metric.label.code"] },
    { title = "Service: faults by code", filter = local.metric_filter.service_faults, aligner = "ALIGN_RATE", reducer = "REDUCE_SUM", by = ["metric.label.code"] },
    { title = "Sweeps", filter = local.metric_filter.sweeps, aligner = "ALIGN_RATE", reducer = "REDUCE_SUM", by = [] },
    { title = "Oldest poke that waits, s", filter = local.alerts.oldest-unacknowledged.filter, aligner = "ALIGN_MAX", reducer = "REDUCE_MAX", by = [] },
    { title = "Dead letters", filter = local.alerts.dead-letters.filter, aligner = "ALIGN_MAX", reducer = "REDUCE_SUM", by = ["resource.label.subscription_id"] },
    { title = "Requests that Cloud Run answered itself", filter = local.lost_requests, aligner = "ALIGN_RATE", reducer = "REDUCE_SUM", by = ["metric.label.response_code"] },
    { title = "Instances", filter = "metric.type=\"run.googleapis.com/container/instance_count\" AND resource.type=\"cloud_run_revision\"", aligner = "ALIGN_MAX", reducer = "REDUCE_SUM", by = ["resource.label.service_name"] },
  ]

  widgets = [
    for chart in local.charts : {
      title = chart.title
      xyChart = {
        dataSets = [{
          plotType = "LINE"
          timeSeriesQuery = {
            timeSeriesFilter = {
              filter = chart.filter
              aggregation = {
                for name, value in {
                  alignmentPeriod    = "60s"
                  perSeriesAligner   = chart.aligner
                  crossSeriesReducer = chart.reducer
                  groupByFields      = chart.by
                } : name => value if length(value) > 0
              }
            }
          }
        }]
      }
    }
  ]
}

# What is 0 or empty is left out, as the API does: each plan would put it back.
resource "google_monitoring_dashboard" "main" {
  project = var.project_id

  dashboard_json = jsonencode({
    displayName = "Activity Events"
    mosaicLayout = {
      columns = 48
      tiles = [
        for position, chart in local.charts : {
          for name, value in {
            xPos   = position % 2 * 24
            yPos   = floor(position / 2) * 16
            width  = 24
            height = 16
            widget = local.widgets[position]
          } : name => value if value != 0
        }
      ]
    }
  })
}
