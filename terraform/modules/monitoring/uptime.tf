# Asks from outside whether the service can be reached at all, so that an outage is seen without a caller. A gRPC server answers what is
# not gRPC with 415, before it asks its store: error-share watches what comes after that.

resource "google_monitoring_uptime_check_config" "main" {
  count = var.uptime_check ? 1 : 0

  project      = var.project_id
  display_name = "Activity Events"
  period       = "300s"
  timeout      = "10s"

  http_check {
    port         = 443
    use_ssl      = true
    validate_ssl = true

    service_agent_authentication {
      type = "OIDC_TOKEN"
    }

    accepted_response_status_codes {
      status_value = 415
    }
  }

  monitored_resource {
    type = "uptime_url"
    labels = {
      project_id = var.project_id
      host       = trimprefix(var.service_uri, "https://")
    }
  }
}

resource "google_monitoring_alert_policy" "unreachable" {
  count = var.uptime_check ? 1 : 0

  project               = var.project_id
  display_name          = "Activity Events: unreachable"
  combiner              = "OR"
  severity              = "CRITICAL"
  notification_channels = local.channels

  conditions {
    display_name = "The service is reached from fewer places than it should"

    condition_threshold {
      filter          = "metric.type=\"monitoring.googleapis.com/uptime_check/check_passed\" AND resource.type=\"uptime_url\""
      comparison      = "COMPARISON_GT"
      threshold_value = 1
      duration        = "0s"

      aggregations {
        alignment_period     = "600s"
        per_series_aligner   = "ALIGN_NEXT_OLDER"
        cross_series_reducer = "REDUCE_COUNT_FALSE"
      }
    }
  }

  alert_strategy {
    auto_close = "86400s"
  }

  documentation {
    subject   = "The service cannot be reached"
    content   = local.documentation["unreachable"]
    mime_type = "text/markdown"
  }

  # The only one of the project, which holds nothing else.
  depends_on = [google_monitoring_uptime_check_config.main]
}
