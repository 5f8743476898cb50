mock_provider "google" {
  source = "../../test/mocks"
}

variables {
  backup_retention_days = 7
  deletion_protection   = true
  events_retention_days = 7
  image                 = "europe-west1-docker.pkg.dev/my-project/activity-events/activity-events@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
  mirror_archive        = "../../test/mirror.zip"
  mirror_instances      = { min = 0, max = 5 }
  project_id            = "my-project"
  run_service           = { cpu_idle = false, instances = { min = 1, max = 3 } }
}

run "plans" {
  command = plan

  assert {
    condition     = output.audience == "https://activity-events.my-project"
    error_message = "The tokens' audience is not the project's own."
  }

  assert {
    condition     = length(terraform_data.protection) == 1
    error_message = "A destroy would take the topics down before Cloud Run refuses."
  }
}

run "writes_events_to_bigquery_only_when_asked" {
  command = plan

  assert {
    condition     = length(module.analytics) == 0
    error_message = "Events go to BigQuery although nobody asked."
  }
}

run "writes_events_to_bigquery" {
  command = plan

  variables {
    analytics         = true
    analytics_readers = { analysts = "group:analysts@example.com" }
  }

  assert {
    condition     = module.analytics[0].subscription == "deployment-events-bigquery"
    error_message = "No subscription writes the events to BigQuery."
  }
}

run "takes_no_webhooks_and_forwards_nothing_unless_asked" {
  command = plan

  assert {
    condition     = length(module.webhooks) + length(module.inbox_topic) + length(module.forward) == 0 && output.webhooks_uri == null
    error_message = "Something is open to the internet, or told to others, although nobody asked."
  }

  assert {
    condition     = length(setintersection(["webhooks", "forward"], keys(local.own_invokers))) == 0
    error_message = "An account may call the service although nothing runs as it."
  }
}

run "takes_webhooks_and_forwards" {
  command = plan

  variables {
    webhooks = { topics = { cloud-builds = "cloud-build" } }
    forwards = { slack = { to = "slack", secrets = { FORWARD_URL = { secret = "slack-webhook", version = "1" } } } }
  }

  assert {
    condition     = module.webhooks[0].member == "serviceAccount:activity-webhooks@my-project.iam.gserviceaccount.com" && module.forward["slack"].name == "activity-forward-slack"
    error_message = "The webhooks run as another account, or nothing is forwarded."
  }

  assert {
    condition     = local.own_invokers["webhooks"] == "serviceAccount:activity-webhooks@my-project.iam.gserviceaccount.com" && local.own_invokers["forward"] == "serviceAccount:activity-forward@my-project.iam.gserviceaccount.com"
    error_message = "They may not call the service."
  }
}

run "leaves_what_the_settings_file_decides_to_it" {
  command = plan

  variables {
    config_secret = { secret = "activity-events-config", version = "latest" }
  }

  assert {
    condition     = length(setintersection(["LOG_LEVEL", "STREAM_MAX_AGE_SECONDS"], keys(local.run_service_settings))) == 0
    error_message = "Variables hide what the settings' file says."
  }
}

run "has_no_access_file_unless_asked" {
  command = plan

  assert {
    condition     = length(google_secret_manager_secret_version.access) == 0 && local.access_secret == null
    error_message = "A file says who may do what that nobody wrote."
  }
}

run "hands_the_access_file_to_service_and_page" {
  command = plan

  variables {
    access_file  = <<-EOT
      issuers: [{ issuer: cloud-run, audience: https://activity-events.my-project }]
      bindings: [{ role: admin, members: ["user:ada@example.com"] }]
    EOT
    page_viewers = { ada = "user:ada@example.com" }
  }

  assert {
    condition     = google_secret_manager_secret_version.access[0].secret == "projects/my-project/secrets/activity-events-access" && google_secret_manager_secret_version.access[0].secret_data == var.access_file
    error_message = "The access file goes elsewhere than where it is read."
  }

  assert {
    condition     = local.access_secret == "activity-events-access" && length(local.iam_audiences) == 1
    error_message = "Service and page do not read it, or do not know that IAM must verify the tokens."
  }

  assert {
    condition     = module.metrics_service[0].access_secret == local.access_secret
    error_message = "The page shows by no access file, or by another."
  }
}

run "needs_iam_only_where_its_tokens_are_believed" {
  command = plan

  variables {
    access_file = <<-EOT
      issuers: [{ issuer: https://login.example.com, audience: activity }]
      bindings: [{ role: admin, members: ["user:ada@example.com"] }]
    EOT
  }

  assert {
    condition     = length(local.iam_audiences) == 0
    error_message = "IAM is said to verify tokens of another issuer."
  }
}

run "refuses_an_access_file_that_shuts_everybody_out" {
  command = plan

  variables {
    access_file = <<-EOT
      issuers: [{ issuer: cloud-run, audience: https://activity-events.other-project }]
      bindings: [{ role: admin, members: ["user:ada@example.com"] }]
    EOT
  }

  expect_failures = [google_secret_manager_secret_version.access[0]]
}

run "refuses_an_access_file_by_its_path" {
  command = plan

  variables {
    access_file = "access.yaml"
  }

  expect_failures = [var.access_file]
}

run "refuses_an_access_file_with_a_file_beside_it" {
  command = plan

  variables {
    access_file = <<-EOT
      issuers: [{ issuer: https://login.example.com, audience: activity, keys_file: keys.json }]
      bindings: [{ role: admin, members: ["user:ada@example.com"] }]
    EOT
  }

  expect_failures = [var.access_file]
}

run "keeps_deployments_for_ever_unless_asked" {
  command = plan

  assert {
    condition     = length(module.expire) == 0 && !contains(keys(local.run_service_settings), "RETENTION_DAYS") && !contains(keys(local.own_invokers), "expire")
    error_message = "Something is purged although nobody asked."
  }
}

run "purges_what_is_over" {
  command = plan

  variables {
    access_file        = <<-EOT
      issuers: [{ issuer: cloud-run, audience: https://activity-events.my-project }]
      bindings: [{ role: admin, members: ["user:ada@example.com", "serviceAccount:activity-expire@my-project.iam.gserviceaccount.com"] }]
    EOT
    no_older_instances = true
    retention_days     = { "*" = 90, production = 730 }
  }

  assert {
    condition     = local.run_service_settings["RETENTION_DAYS"] == "*=90, production=730"
    error_message = "The service keeps deployments for another time than was said."
  }

  assert {
    condition     = module.expire[0].name == "activity-expire" && lookup(local.own_invokers, "expire", null) == "serviceAccount:activity-expire@my-project.iam.gserviceaccount.com"
    error_message = "Nothing purges, or it may not call the service."
  }
}

run "refuses_a_retention_without_an_admin_that_purges" {
  command = plan

  variables {
    access_file        = <<-EOT
      issuers: [{ issuer: cloud-run, audience: https://activity-events.my-project }]
      bindings:
        - { role: admin, members: ["user:ada@example.com"] }
        - { role: admin, members: ["serviceAccount:activity-expire@my-project.iam.gserviceaccount.com"], prefixes: ["shop-"] }
        - { role: editor, members: ["serviceAccount:activity-expire@my-project.iam.gserviceaccount.com"] }
    EOT
    no_older_instances = true
    retention_days     = { "*" = 90 }
  }

  expect_failures = [var.retention_days]
}

run "refuses_a_retention_without_an_access_file" {
  command = plan

  variables {
    no_older_instances = true
    retention_days     = { "*" = 90 }
  }

  expect_failures = [var.retention_days]
}

run "refuses_a_retention_without_the_word_on_older_instances" {
  command = plan

  variables {
    access_file    = <<-EOT
      issuers: [{ issuer: cloud-run, audience: https://activity-events.my-project }]
      bindings: [{ role: admin, members: ["serviceAccount:activity-expire@my-project.iam.gserviceaccount.com"] }]
    EOT
    retention_days = { "*" = 90 }
  }

  expect_failures = [var.retention_days]
}

run "refuses_a_retention_of_no_days" {
  command = plan

  variables {
    access_file        = <<-EOT
      issuers: [{ issuer: cloud-run, audience: https://activity-events.my-project }]
      bindings: [{ role: admin, members: ["serviceAccount:activity-expire@my-project.iam.gserviceaccount.com"] }]
    EOT
    no_older_instances = true
    retention_days     = { production = 0 }
  }

  expect_failures = [var.retention_days]
}

run "refuses_a_retention_of_several_environments_in_one" {
  command = plan

  variables {
    access_file        = <<-EOT
      issuers: [{ issuer: cloud-run, audience: https://activity-events.my-project }]
      bindings: [{ role: admin, members: ["serviceAccount:activity-expire@my-project.iam.gserviceaccount.com"] }]
    EOT
    no_older_instances = true
    retention_days     = { "production, staging" = 90 }
  }

  expect_failures = [var.retention_days]
}

run "applies" {
  # What is protected could not be taken down again.
  variables {
    deletion_protection = false
  }

  assert {
    condition     = output.events_topic == "deployment-events" && output.service == "activity-events"
    error_message = "The parts have other names than those that the code and the documents use."
  }
}

run "refuses_wrong_values" {
  command = plan

  variables {
    log_level             = "warn"
    mirror_run_events_max = 0
    project_id            = "My Project"
    region                = "europe-west1-b"
  }

  expect_failures = [
    var.log_level,
    var.mirror_run_events_max,
    var.project_id,
    var.region,
  ]
}
