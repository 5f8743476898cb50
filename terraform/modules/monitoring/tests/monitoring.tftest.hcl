mock_provider "google" {
  source = "../../test/mocks"
}

variables {
  budget                    = { billing_account = "012345-6789AB-CDEF01", amount = 100, currency = "EUR" }
  database                  = "activity-events"
  dead_letter_subscriptions = ["activity-pokes-dead-letter", "deployment-events-dead-letter"]
  function                  = "mirror"
  mirror_subscription       = "activity-pokes-mirror"
  notification_emails       = ["on-call@example.com"]
  project_id                = "my-project"
  project_number            = "123456789012"
  region                    = "europe-west1"
  runbook_url               = "https://example.com/runbook.md"
  service                   = "activity-events"
  service_uri               = "https://activity-events-x.a.run.app"
}

run "watches_what_can_go_wrong" {
  assert {
    condition = alltrue([
      for name in ["access-denied", "access-faults", "dead-letters", "error-share", "latency", "mirror-lag", "oldest-unacknowledged"] :
      contains(keys(google_monitoring_alert_policy.threshold), name)
    ])
    error_message = "An alert is missing."
  }

  assert {
    condition     = strcontains(google_monitoring_alert_policy.threshold["requests-lost"].conditions[0].condition_threshold[0].filter, "run.googleapis.com/request_count")
    error_message = "A service that is down, which logs no calls, would be noticed by nobody."
  }

  assert {
    condition     = google_monitoring_alert_policy.threshold["error-share"].combiner == "AND" && google_monitoring_alert_policy.threshold["error-share"].conditions[1].condition_threshold[0].threshold_value == 20
    error_message = "One failed call in a quiet night wakes somebody."
  }

  assert {
    condition = [
      for name in ["error-budget", "error-budget-slow"] :
      regex("\"(\\d+)s\"", google_monitoring_alert_policy.threshold[name].conditions[0].condition_threshold[0].filter)[0]
    ] == ["3600", "86400"]
    error_message = "An error budget that burns slowly is noticed by nobody."
  }

  assert {
    condition     = google_monitoring_alert_policy.threshold["access-denied"].conditions[0].condition_threshold[0].threshold_value == 100 && google_monitoring_alert_policy.threshold["access-faults"].conditions[0].condition_threshold[0].threshold_value == 0
    error_message = "A single mistyped token wakes somebody, or a refused access file, which is told once, nobody."
  }

  assert {
    condition     = google_monitoring_alert_policy.absent["sweep-absent"].conditions[0].condition_absent[0].duration == "600s"
    error_message = "Nobody is told when the sweeps stay away."
  }

  assert {
    condition     = strcontains(google_monitoring_alert_policy.absent["backups-missing"].conditions[0].condition_absent[0].filter, "database_id=\"activity-events\"")
    error_message = "Nobody is told when the database has no backup."
  }

  assert {
    condition     = !contains(keys(google_monitoring_alert_policy.threshold), "expire-failing")
    error_message = "An alert watches a job that there is not."
  }

  assert {
    condition     = length(google_monitoring_uptime_check_config.main) == 0 && length(google_monitoring_alert_policy.unreachable) == 0
    error_message = "The uptime check, whose agent may not exist, is there without being asked for."
  }

  assert {
    condition = alltrue([
      for policy in concat(values(google_monitoring_alert_policy.threshold), values(google_monitoring_alert_policy.absent)) :
      length(policy.notification_channels) == 1
    ])
    error_message = "An alert tells nobody."
  }

  assert {
    condition = alltrue([
      for name, policy in merge(google_monitoring_alert_policy.threshold, google_monitoring_alert_policy.absent) :
      strcontains(policy.documentation[0].content, "(https://example.com/runbook.md#${name})")
    ])
    error_message = "An alert does not name its section of the runbook."
  }
}

run "tells_of_a_purge_that_fails_where_there_is_one" {
  variables {
    expire_job = "activity-expire"
  }

  assert {
    condition     = strcontains(google_monitoring_alert_policy.threshold["expire-failing"].conditions[0].condition_threshold[0].filter, "resource.labels.job_name=\"activity-expire\" AND metric.labels.result=\"failed\"")
    error_message = "Nobody is told when deployments are kept beyond their time."
  }
}

run "calls_the_service_from_outside_when_asked_to" {
  variables {
    uptime_check = true
  }

  assert {
    condition     = google_monitoring_uptime_check_config.main[0].monitored_resource[0].labels.host == "activity-events-x.a.run.app"
    error_message = "The uptime check calls something else."
  }

  assert {
    condition     = google_monitoring_uptime_check_config.main[0].http_check[0].accepted_response_status_codes[0].status_value == 415
    error_message = "A gRPC server answers what is not gRPC with 415."
  }

  assert {
    condition     = length(google_monitoring_alert_policy.unreachable[0].notification_channels) == 1
    error_message = "The alert tells nobody."
  }
}

run "plans_no_dashboard_twice" {
  command = plan

  assert {
    condition     = !can(regex(":(0|\"\"|\\[\\]|\\{\\}|null)[,}]", google_monitoring_dashboard.main.dashboard_json))
    error_message = "The API leaves out what is 0 or empty, and each plan would put it back."
  }
}

run "counts_grpc_statuses" {
  command = plan

  assert {
    condition     = strcontains(google_monitoring_slo.availability.request_based_sli[0].good_total_ratio[0].bad_service_filter, "metric.labels.code=monitoring.regex.full_match(\"DATA_LOSS|DEADLINE_EXCEEDED|INTERNAL|RESOURCE_EXHAUSTED|UNAVAILABLE|UNKNOWN\")")
    error_message = "The objective does not count gRPC statuses; the HTTP status of a failed call is 200."
  }

  assert {
    condition     = google_logging_metric.counter["calls"].label_extractors["code"] == "EXTRACT(jsonPayload.code)"
    error_message = "The calls are not counted by their gRPC status."
  }

  assert {
    condition     = !strcontains(google_logging_metric.distribution["call_duration"].filter, "Stream")
    error_message = "Streams, which last for an hour, count as slow calls."
  }
}

run "watches_what_it_costs" {
  command = plan

  variables {
    notification_emails = []
  }

  assert {
    condition     = length(google_billing_budget.main[0].all_updates_rule) == 0
    error_message = "The budget tells nobody by a rule that must name somebody."
  }

  assert {
    condition     = google_billing_budget.main[0].amount[0].specified_amount[0].units == "100" && google_billing_budget.main[0].budget_filter[0].projects == toset(["projects/123456789012"])
    error_message = "The budget is another, or of other projects."
  }
}

run "needs_no_budget" {
  command = plan

  variables {
    budget = null
  }

  assert {
    condition     = length(google_billing_budget.main) == 0
    error_message = "There is a budget although none was asked for."
  }
}

run "refuses_more_recipients_than_a_budget_takes" {
  command = plan

  variables {
    notification_emails = [for number in range(6) : "on-call-${number}@example.com"]
  }

  expect_failures = [google_billing_budget.main]
}

run "refuses_wrong_values" {
  command = plan

  variables {
    availability_goal          = 1
    budget                     = { billing_account = "mine", amount = 0, currency = "EUR" }
    error_share_max_percent    = 0
    latency_max_ms             = 0
    mirror_lag_max_seconds     = 0
    notification_emails        = ["on-call"]
    unacknowledged_max_seconds = 0
  }

  expect_failures = [
    var.availability_goal,
    var.budget,
    var.error_share_max_percent,
    var.latency_max_ms,
    var.mirror_lag_max_seconds,
    var.notification_emails,
    var.unacknowledged_max_seconds,
  ]
}
