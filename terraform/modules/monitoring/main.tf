# What is watched: metrics counted from the stable codes of the logs, alerts that each name their section of the runbook, an
# objective on gRPC status, a dashboard and a budget.

locals {
  service_log  = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=\"${var.service}\""
  function_log = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=\"${var.function}\""

  # The statuses that are ours to mend. gRPC answers all of them with HTTP 200, so that Cloud Run's own metrics miss them.
  bad_statuses = ["DATA_LOSS", "DEADLINE_EXCEEDED", "INTERNAL", "RESOURCE_EXHAUSTED", "UNAVAILABLE", "UNKNOWN"]

  # The mirror's codes for damage in the store.
  damage_codes = [
    "EVENT_ABOVE_HEAD", "EVENT_MISSING", "EVENT_OUT_OF_PLACE", "EVENT_REFUSED", "EVENT_UNREADABLE", "POSITION_ABOVE_HEAD",
  ]

  counters = {
    calls = {
      description = "Calls of the API by method and gRPC status, but those beyond their caller's own share."
      filter      = "${local.service_log} AND jsonPayload.message=\"call\" AND jsonPayload.method=~\"^activityevents\" AND NOT jsonPayload.reason=\"SHARE_EXHAUSTED\""
      labels      = { code = "EXTRACT(jsonPayload.code)", method = "EXTRACT(jsonPayload.method)" }
    }
    mirror_faults = {
      description = "Faults of the mirror by their code."
      filter      = "${local.function_log} AND severity>=WARNING AND jsonPayload.code:*"
      labels      = { code = "EXTRACT(jsonPayload.code)" }
    }
    service_faults = {
      description = "Faults of the service, other than failed calls, by their code."
      filter      = "${local.service_log} AND severity>=WARNING AND jsonPayload.code:* AND NOT jsonPayload.message=\"call\""
      labels      = { code = "EXTRACT(jsonPayload.code)" }
    }
    sweeps = {
      description = "Sweeps that came to their end."
      filter      = "${local.function_log} AND jsonPayload.message=\"sweep\" AND NOT jsonPayload.end=\"failed\""
      labels      = {}
    }
  }

  distributions = {
    call_duration = {
      description = "Time that a call took, but for streams."
      filter      = "${local.service_log} AND jsonPayload.message=\"call\" AND jsonPayload.method=~\"^activityevents[.]v1[.].*/(CreateEvent|BatchCreateEvents|GetEvent|ListEvents|GetDeployment|ListDeployments)$\""
      value       = "EXTRACT(jsonPayload.duration_ms)"
    }
    mirror_lag = {
      description = "Age of the last event that a run of the mirror published."
      filter      = "${local.function_log} AND jsonPayload.message=\"mirror run\" AND jsonPayload.lag_ms>=0"
      value       = "EXTRACT(jsonPayload.lag_ms)"
    }
  }

  metric_type = merge(
    { for name, metric in google_logging_metric.counter : name => "logging.googleapis.com/user/${metric.name}" },
    { for name, metric in google_logging_metric.distribution : name => "logging.googleapis.com/user/${metric.name}" },
  )
  metric_filter = { for name, type in local.metric_type : name => "metric.type=\"${type}\" AND resource.type=\"cloud_run_revision\"" }

  # What never reached a handler, or was cut off in it, leaves no line in the service's log. 504 is a stream's hour.
  lost_requests = "metric.type=\"run.googleapis.com/request_count\" AND resource.type=\"cloud_run_revision\" AND resource.labels.service_name=\"${var.service}\" AND metric.labels.response_code=monitoring.regex.full_match(\"429|500|502|503\")"

  bad_calls = "${local.metric_filter.calls} AND metric.labels.code=monitoring.regex.full_match(\"${join("|", local.bad_statuses)}\")"
}

resource "google_logging_metric" "counter" {
  for_each = local.counters

  project     = var.project_id
  name        = "activity-events/${each.key}"
  description = each.value.description
  filter      = each.value.filter

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
    unit        = "1"

    dynamic "labels" {
      for_each = each.value.labels
      content {
        key        = labels.key
        value_type = "STRING"
      }
    }
  }
  label_extractors = each.value.labels
}

resource "google_logging_metric" "distribution" {
  for_each = local.distributions

  project         = var.project_id
  name            = "activity-events/${each.key}"
  description     = each.value.description
  filter          = each.value.filter
  value_extractor = each.value.value

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "DISTRIBUTION"
    unit        = "ms"
  }

  # From 1 ms to 18 min, each bucket half as wide again as the one before.
  bucket_options {
    exponential_buckets {
      scale              = 1
      growth_factor      = 1.5
      num_finite_buckets = 34
    }
  }
}

resource "google_monitoring_notification_channel" "email" {
  for_each = toset(var.notification_emails)

  project      = var.project_id
  display_name = "Activity Events: ${each.value}"
  type         = "email"
  labels       = { email_address = each.value }
}

resource "google_monitoring_service" "main" {
  project      = var.project_id
  service_id   = var.service
  display_name = "Activity Events"

  basic_service {
    service_type   = "CLOUD_RUN"
    service_labels = { location = var.region, service_name = var.service }
  }
}

resource "google_monitoring_slo" "availability" {
  project             = var.project_id
  service             = google_monitoring_service.main.service_id
  slo_id              = "calls-answered"
  display_name        = "Calls that are answered, by gRPC status"
  goal                = var.availability_goal
  rolling_period_days = 28

  request_based_sli {
    good_total_ratio {
      bad_service_filter   = local.bad_calls
      total_service_filter = local.metric_filter.calls
    }
  }
}

resource "google_billing_budget" "main" {
  count = var.budget == null ? 0 : 1

  billing_account = var.budget.billing_account
  display_name    = "Activity Events in ${var.project_id}"

  budget_filter {
    projects = ["projects/${var.project_number}"]
  }

  amount {
    specified_amount {
      currency_code = var.budget.currency
      units         = tostring(var.budget.amount)
    }
  }

  dynamic "threshold_rules" {
    for_each = [0.5, 0.9, 1]
    content {
      threshold_percent = threshold_rules.value
    }
  }

  # Administrators of the billing account are notified in any case.
  dynamic "all_updates_rule" {
    for_each = length(local.channels) == 0 ? [] : ["it"]
    content {
      monitoring_notification_channels = local.channels
    }
  }

  lifecycle {
    precondition {
      condition     = length(local.channels) <= 5
      error_message = "notification_emails must be 5 at most where there is a budget, which tells no more than that; found ${length(local.channels)}."
    }
  }
}
