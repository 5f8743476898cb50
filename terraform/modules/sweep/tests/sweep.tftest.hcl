mock_provider "google" {
  source = "../../test/mocks"
}

variables {
  account         = "activity-sweep@my-project.iam.gserviceaccount.com"
  poke_topic      = "activity-pokes"
  project_id      = "my-project"
  pubsub_endpoint = "europe-west1-pubsub.googleapis.com"
  region          = "europe-west1"
}

run "asks_for_a_sweep_each_minute" {
  command = plan

  assert {
    condition     = google_cloud_scheduler_job.main.schedule == "* * * * *" && google_cloud_scheduler_job.main.time_zone == "Etc/UTC"
    error_message = "A sweep is not asked for each minute."
  }

  assert {
    condition     = google_cloud_scheduler_job.main.http_target[0].uri == "https://europe-west1-pubsub.googleapis.com/v1/projects/my-project/topics/activity-pokes:publish" && google_cloud_scheduler_job.main.http_target[0].http_method == "POST"
    error_message = "Sweeps are asked for elsewhere."
  }

  assert {
    condition     = base64decode(jsondecode(base64decode(google_cloud_scheduler_job.main.http_target[0].body)).messages[0].data) == "{\"kind\":\"sweep\"}"
    error_message = "What is published asks for no sweep."
  }

  assert {
    condition     = google_cloud_scheduler_job.main.http_target[0].oauth_token[0].service_account_email == "activity-sweep@my-project.iam.gserviceaccount.com"
    error_message = "Sweeps are asked for by another account."
  }
}

run "applies" {
  assert {
    condition     = output.member == "serviceAccount:activity-sweep@my-project.iam.gserviceaccount.com"
    error_message = "The job's account is another."
  }
}

run "refuses_an_endpoint_of_no_region" {
  command = plan

  variables {
    pubsub_endpoint = "pubsub.googleapis.com"
  }

  expect_failures = [var.pubsub_endpoint]
}
