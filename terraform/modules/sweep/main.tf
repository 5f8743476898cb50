# Asks the mirror to sweep, each minute: it finds what a lost poke left. The job publishes as an account of its own, which
# `pubsub_target` cannot do: there the agent of Cloud Scheduler publishes, which may publish on every topic.

resource "google_cloud_scheduler_job" "main" {
  project          = var.project_id
  region           = var.region
  name             = "activity-sweep"
  description      = "Asks the mirror to sweep."
  schedule         = "* * * * *"
  time_zone        = "Etc/UTC"
  attempt_deadline = "30s"

  http_target {
    http_method = "POST"
    uri         = "https://${var.pubsub_endpoint}/v1/projects/${var.project_id}/topics/${var.poke_topic}:publish"
    headers     = { "Content-Type" = "application/json" }
    body = base64encode(jsonencode({
      messages = [{ data = base64encode(jsonencode({ kind = "sweep" })) }]
    }))

    oauth_token {
      service_account_email = var.account
    }
  }

  # The next minute is the next attempt.
  retry_config {
    retry_count = 0
  }
}
