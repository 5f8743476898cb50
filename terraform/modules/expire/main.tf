# Purges once a day the deployments whose time is over: `activity_client expire` as a job on Cloud Run, which Cloud Scheduler starts. The
# service knows how long deployments are kept; the job only calls it. Whoever uses this module gives the word of --no-older-instances.

resource "google_cloud_run_v2_job" "main" {
  project             = var.project_id
  location            = var.region
  name                = "activity-expire"
  deletion_protection = false

  template {
    task_count  = 1
    parallelism = 1

    template {
      service_account = var.account
      timeout         = "3600s"
      # The next attempt goes on where one ended.
      max_retries = 3

      containers {
        image   = var.image
        command = ["/usr/local/bin/node"]
        args = [
          "/app/client/activity_client.cjs",
          "--address", "${trimprefix(var.service_uri, "https://")}:443",
          "--audience", var.service_audience,
          "expire", "--yes", "--no-older-instances",
        ]

        resources {
          limits = {
            cpu    = "1"
            memory = "512Mi"
          }
        }
      }
    }
  }

  lifecycle {
    ignore_changes = [
      client,
      client_version,
    ]
  }
}

# Of this job alone: the account may start no other.
resource "google_cloud_run_v2_job_iam_member" "starter" {
  project  = var.project_id
  location = google_cloud_run_v2_job.main.location
  name     = google_cloud_run_v2_job.main.name
  role     = "roles/run.invoker"
  member   = "serviceAccount:${var.account}"
}

resource "google_cloud_scheduler_job" "main" {
  project          = var.project_id
  region           = var.region
  name             = "activity-expire"
  description      = "Starts the purge of deployments whose time is over."
  schedule         = var.schedule
  time_zone        = "Etc/UTC"
  attempt_deadline = "60s"

  http_target {
    http_method = "POST"
    uri         = "https://run.googleapis.com/v2/projects/${var.project_id}/locations/${var.region}/jobs/${google_cloud_run_v2_job.main.name}:run"

    oauth_token {
      service_account_email = var.account
    }
  }

  # To start it twice is harmless: each run purges what it finds.
  retry_config {
    retry_count = 3
  }

  depends_on = [google_cloud_run_v2_job_iam_member.starter]
}
