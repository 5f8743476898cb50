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
