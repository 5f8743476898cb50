# Each key is the name of a section in docs/runbook.md, which says what to do.

locals {
  dead_letter_subscriptions = join("|", var.dead_letter_subscriptions)

  alerts = merge(local.optional_alerts, {
    access-denied = {
      title    = "More than ${var.denials_max} calls in 5 minutes were denied, or did not prove who makes them"
      severity = "WARNING"
      filter   = "${local.metric_filter.service_faults} AND metric.labels.code=monitoring.regex.full_match(\"ACCESS_DENIED|ACCESS_UNAUTHENTICATED\")"
      aligner  = "ALIGN_DELTA"
      reducer  = "REDUCE_SUM"
      above    = var.denials_max
      for      = "0s"
    }
    access-faults = {
      title    = "A changed access file was refused, or the keys of an issuer cannot be read"
      severity = "ERROR"
      filter   = "${local.metric_filter.service_faults} AND metric.labels.code=monitoring.regex.full_match(\"ACCESS_KEYS_AWAY|ACCESS_REFUSED\")"
      aligner  = "ALIGN_DELTA"
      reducer  = "REDUCE_SUM"
      # A refused file is told once.
      above = 0
      for   = "0s"
    }
    dead-letters = {
      title    = "Messages lie among the dead letters"
      severity = "ERROR"
      filter   = "metric.type=\"pubsub.googleapis.com/subscription/num_undelivered_messages\" AND resource.type=\"pubsub_subscription\" AND resource.labels.subscription_id=monitoring.regex.full_match(\"${local.dead_letter_subscriptions}\")"
      aligner  = "ALIGN_MAX"
      reducer  = "REDUCE_SUM"
      above    = 0
      for      = "0s"
    }
    error-budget = {
      title    = "The objective's error budget burns ten times too fast"
      severity = "CRITICAL"
      filter   = "select_slo_burn_rate(\"projects/${var.project_id}/services/${google_monitoring_slo.availability.service}/serviceLevelObjectives/${google_monitoring_slo.availability.slo_id}\", \"3600s\")"
      aligner  = null
      reducer  = null
      above    = 10
      for      = "0s"
    }
    error-budget-slow = {
      title    = "The objective's error budget burns twice as fast as it may, for a day"
      severity = "WARNING"
      filter   = "select_slo_burn_rate(\"projects/${var.project_id}/services/${google_monitoring_slo.availability.service}/serviceLevelObjectives/${google_monitoring_slo.availability.slo_id}\", \"86400s\")"
      aligner  = null
      reducer  = null
      above    = 2
      for      = "0s"
    }
    error-share = {
      title       = "More than ${var.error_share_max_percent} % of the calls fail"
      severity    = "CRITICAL"
      filter      = local.bad_calls
      denominator = local.metric_filter.calls
      aligner     = "ALIGN_DELTA"
      reducer     = "REDUCE_SUM"
      above       = var.error_share_max_percent / 100
      for         = "300s"
      # One failed call of three is no outage.
      traffic = { filter = local.metric_filter.calls, above = var.error_share_calls_min }
    }
    latency = {
      title    = "One call in a hundred takes more than ${var.latency_max_ms} ms"
      severity = "WARNING"
      filter   = local.metric_filter.call_duration
      aligner  = "ALIGN_DELTA"
      reducer  = "REDUCE_PERCENTILE_99"
      above    = var.latency_max_ms
      for      = "300s"
    }
    lost-sequence = {
      title    = "A reader or the mirror found something wrong with what is stored"
      severity = "CRITICAL"
      filter   = "${local.metric_filter.mirror_faults} AND metric.labels.code=monitoring.regex.full_match(\"${join("|", local.damage_codes)}\")"
      aligner  = "ALIGN_DELTA"
      reducer  = "REDUCE_SUM"
      above    = 0
      for      = "0s"
      also     = "${local.metric_filter.service_faults} AND metric.labels.code=\"SEQUENCE_MISSING\""
    }
    mirror-failing = {
      title    = "Runs of the mirror fail"
      severity = "ERROR"
      filter   = "${local.metric_filter.mirror_faults} AND metric.labels.code=monitoring.regex.full_match(\"INTERNAL|POKE_FAILED|PUBLISH_FAILED|STORE_FAILED|SWEEP_INCOMPLETE\")"
      aligner  = "ALIGN_DELTA"
      reducer  = "REDUCE_SUM"
      above    = 5
      for      = "300s"
    }
    mirror-lag = {
      title    = "Events reach the topic more than ${var.mirror_lag_max_seconds} s after they were recorded"
      severity = "WARNING"
      filter   = local.metric_filter.mirror_lag
      aligner  = "ALIGN_DELTA"
      reducer  = "REDUCE_PERCENTILE_95"
      above    = var.mirror_lag_max_seconds * 1000
      for      = "300s"
    }
    oldest-unacknowledged = {
      title    = "A poke waits for more than ${var.unacknowledged_max_seconds} s"
      severity = "ERROR"
      filter   = "metric.type=\"pubsub.googleapis.com/subscription/oldest_unacked_message_age\" AND resource.type=\"pubsub_subscription\" AND resource.labels.subscription_id=\"${var.mirror_subscription}\""
      aligner  = "ALIGN_MAX"
      reducer  = "REDUCE_MAX"
      above    = var.unacknowledged_max_seconds
      for      = "60s"
    }
    requests-lost = {
      title    = "Cloud Run answers in the service's place: it is down, ends, or has no instance left"
      severity = "CRITICAL"
      filter   = local.lost_requests
      aligner  = "ALIGN_DELTA"
      reducer  = "REDUCE_SUM"
      above    = 5
      for      = "300s"
    }
    service-faults = {
      title    = "Instances of the service lose their store, their listeners or their pokes, or refuse their settings"
      severity = "ERROR"
      filter   = "${local.metric_filter.service_faults} AND metric.labels.code=monitoring.regex.full_match(\"CONFIG_REFUSED|DRAIN_FAILED|LISTENER_SILENT|LOG_LINES_LOST|POKE_FAILED|STORE_DAMAGED|STORE_DIED|STORE_EXPOSED|STORE_LOSS_ACCEPTED|STORE_NOT_ANSWERING|STORE_SCRUB_FAILED|UNCAUGHT\")"
      aligner  = "ALIGN_DELTA"
      reducer  = "REDUCE_SUM"
      above    = 5
      for      = "300s"
    }
    topic-refuses = {
      title    = "The topic of the events refuses messages"
      severity = "CRITICAL"
      filter   = "${local.metric_filter.mirror_faults} AND metric.labels.code=\"TOPIC_REFUSES\""
      aligner  = "ALIGN_DELTA"
      reducer  = "REDUCE_SUM"
      above    = 0
      for      = "0s"
    }
  })

  # What watches parts that not everybody has.
  optional_alerts = {
    for name, job in { expire-failing = var.expire_job } :
    name => {
      title    = "The daily purge of deployments whose time is over fails"
      severity = "ERROR"
      filter   = "metric.type=\"run.googleapis.com/job/completed_execution_count\" AND resource.type=\"cloud_run_job\" AND resource.labels.job_name=\"${job}\" AND metric.labels.result=\"failed\""
      aligner  = "ALIGN_DELTA"
      reducer  = "REDUCE_SUM"
      above    = 0
      for      = "0s"
    } if job != null
  }

  absences = {
    # Firestore tells of a backup that fails in no log and no metric, only in the bytes of those that it keeps, which come hours late and
    # with gaps. An absence lasts 23.5 hours at most.
    backups-missing = {
      title   = "The database has no backup"
      filter  = "metric.type=\"firestore.googleapis.com/storage/backups_storage_bytes\" AND resource.type=\"firestore.googleapis.com/Database\" AND resource.labels.database_id=\"${var.database}\""
      for     = "84600s"
      period  = "3600s"
      aligner = "ALIGN_MAX"
      reducer = "REDUCE_MAX"
    }
    sweep-absent = {
      title   = "No sweep has come to its end for ten minutes"
      filter  = local.metric_filter.sweeps
      for     = "600s"
      period  = "60s"
      aligner = "ALIGN_DELTA"
      reducer = "REDUCE_SUM"
    }
  }

  documentation = {
    for name in concat(keys(local.alerts), keys(local.absences), ["unreachable"]) :
    name => "What to do: [docs/runbook.md, ${name}](${var.runbook_url}#${name})"
  }
  channels = [for channel in google_monitoring_notification_channel.email : channel.name]
}

resource "google_monitoring_alert_policy" "threshold" {
  for_each = local.alerts

  project               = var.project_id
  display_name          = "Activity Events: ${each.key}"
  combiner              = contains(keys(each.value), "traffic") ? "AND" : "OR"
  severity              = each.value.severity
  notification_channels = local.channels

  dynamic "conditions" {
    for_each = compact([each.value.filter, lookup(each.value, "also", null)])
    content {
      display_name = each.value.title

      condition_threshold {
        filter             = conditions.value
        denominator_filter = lookup(each.value, "denominator", null)
        comparison         = "COMPARISON_GT"
        threshold_value    = each.value.above
        duration           = each.value.for

        dynamic "aggregations" {
          for_each = each.value.aligner == null ? [] : ["it"]
          content {
            alignment_period     = "300s"
            per_series_aligner   = each.value.aligner
            cross_series_reducer = each.value.reducer
          }
        }

        dynamic "denominator_aggregations" {
          for_each = lookup(each.value, "denominator", null) == null ? [] : ["it"]
          content {
            alignment_period     = "300s"
            per_series_aligner   = each.value.aligner
            cross_series_reducer = each.value.reducer
          }
        }
      }
    }
  }

  dynamic "conditions" {
    for_each = contains(keys(each.value), "traffic") ? [each.value.traffic] : []
    content {
      display_name = "More than ${conditions.value.above} calls in 5 minutes"

      condition_threshold {
        filter          = conditions.value.filter
        comparison      = "COMPARISON_GT"
        threshold_value = conditions.value.above
        duration        = "0s"

        aggregations {
          alignment_period     = "300s"
          per_series_aligner   = "ALIGN_DELTA"
          cross_series_reducer = "REDUCE_SUM"
        }
      }
    }
  }

  alert_strategy {
    auto_close = "86400s"
  }

  documentation {
    subject   = each.value.title
    content   = local.documentation[each.key]
    mime_type = "text/markdown"
  }
}

# What is wrong when nothing comes.
resource "google_monitoring_alert_policy" "absent" {
  for_each = local.absences

  project               = var.project_id
  display_name          = "Activity Events: ${each.key}"
  combiner              = "OR"
  severity              = "CRITICAL"
  notification_channels = local.channels

  conditions {
    display_name = each.value.title

    condition_absent {
      filter   = each.value.filter
      duration = each.value.for

      aggregations {
        alignment_period     = each.value.period
        per_series_aligner   = each.value.aligner
        cross_series_reducer = each.value.reducer
      }
    }
  }

  alert_strategy {
    auto_close = "86400s"
  }

  documentation {
    subject   = each.value.title
    content   = local.documentation[each.key]
    mime_type = "text/markdown"
  }
}
