mock_provider "google" {
  source = "../../test/mocks"
}

variables {
  account          = "activity-expire@my-project.iam.gserviceaccount.com"
  image            = "europe-west1-docker.pkg.dev/my-project/activity-events/activity-events@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
  project_id       = "my-project"
  region           = "europe-west1"
  service_audience = "https://activity-events.my-project"
  service_uri      = "https://activity-events-0123456789-ew.a.run.app"
}

run "purges_with_the_client_of_the_image" {
  command = plan

  assert {
    condition = google_cloud_run_v2_job.main.template[0].template[0].containers[0].command == tolist(["/usr/local/bin/node"]) && google_cloud_run_v2_job.main.template[0].template[0].containers[0].args == tolist([
      "/app/client/activity_client.cjs",
      "--address", "activity-events-0123456789-ew.a.run.app:443",
      "--audience", "https://activity-events.my-project",
      "expire", "--yes", "--no-older-instances",
    ])
    error_message = "The job runs another command."
  }

  assert {
    condition     = google_cloud_run_v2_job.main.template[0].template[0].service_account == "activity-expire@my-project.iam.gserviceaccount.com"
    error_message = "The job runs as another account."
  }
}

run "runs_once_a_day_and_goes_on_after_a_failure" {
  command = plan

  assert {
    condition     = google_cloud_scheduler_job.main.schedule == "17 3 * * *" && google_cloud_scheduler_job.main.time_zone == "Etc/UTC"
    error_message = "The job does not run once a day."
  }

  assert {
    condition     = google_cloud_run_v2_job.main.template[0].task_count == 1 && google_cloud_run_v2_job.main.template[0].parallelism == 1 && google_cloud_run_v2_job.main.template[0].template[0].max_retries == 3
    error_message = "A call that ended early is not made again, or several run beside each other."
  }
}

run "is_started_by_its_own_account_which_may_start_no_other" {
  command = plan

  assert {
    condition     = google_cloud_scheduler_job.main.http_target[0].http_method == "POST" && google_cloud_scheduler_job.main.http_target[0].uri == "https://run.googleapis.com/v2/projects/my-project/locations/europe-west1/jobs/activity-expire:run"
    error_message = "Cloud Scheduler starts something else."
  }

  assert {
    condition     = google_cloud_scheduler_job.main.http_target[0].oauth_token[0].service_account_email == "activity-expire@my-project.iam.gserviceaccount.com"
    error_message = "The job is started by another account."
  }

  assert {
    condition     = google_cloud_run_v2_job_iam_member.starter.name == "activity-expire" && google_cloud_run_v2_job_iam_member.starter.role == "roles/run.invoker" && google_cloud_run_v2_job_iam_member.starter.member == "serviceAccount:activity-expire@my-project.iam.gserviceaccount.com"
    error_message = "The account may not start the job, or may do more to it."
  }
}

run "applies" {
  assert {
    condition     = output.name == "activity-expire"
    error_message = "The job has another name than the documents say."
  }
}

run "refuses_wrong_values" {
  command = plan

  variables {
    account     = "serviceAccount:activity-expire@my-project.iam.gserviceaccount.com"
    image       = "europe-west1-docker.pkg.dev/my-project/activity-events/activity-events:latest"
    schedule    = "* * * * *"
    service_uri = "https://a.run.app/path"
  }

  expect_failures = [
    var.account,
    var.image,
    var.schedule,
    var.service_uri,
  ]
}
