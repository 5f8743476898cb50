# The function `mirror`, made from the zip of `npm run package-mirror`, and the subscription that pushes pokes and sweeps to
# it. Nobody but that subscription's account may call it.

# Named by its content, so that new content makes a new object and a new deployment.
resource "google_storage_bucket_object" "source" {
  bucket = var.source_bucket
  name   = "mirror-${filesha256(var.archive)}.zip"
  source = var.archive
}

resource "google_cloudfunctions2_function" "main" {
  project     = var.project_id
  location    = var.region
  name        = "mirror"
  description = "Publishes every recorded event on the topic, in order."

  build_config {
    runtime           = "nodejs24"
    entry_point       = "mirror"
    service_account   = "projects/${var.project_id}/serviceAccounts/${var.accounts.build}"
    docker_repository = "projects/${var.project_id}/locations/${var.region}/repositories/${var.repository}"
    # The zip holds the bundle: there is nothing to be built.
    environment_variables = { GOOGLE_NODE_RUN_SCRIPTS = "" }

    source {
      storage_source {
        bucket = var.source_bucket
        object = google_storage_bucket_object.source.name
      }
    }
  }

  service_config {
    service_account_email            = var.accounts.run
    ingress_settings                 = "ALLOW_INTERNAL_ONLY"
    timeout_seconds                  = var.timeout_seconds
    available_cpu                    = "1"
    available_memory                 = "512Mi"
    max_instance_request_concurrency = 16
    min_instance_count               = var.instances.min
    max_instance_count               = var.instances.max
    all_traffic_on_latest_revision   = true
    environment_variables            = var.settings
  }
}

resource "google_cloud_run_v2_service_iam_member" "push" {
  project  = var.project_id
  location = google_cloudfunctions2_function.main.location
  # The service behind the function has its name.
  name   = google_cloudfunctions2_function.main.name
  role   = "roles/run.invoker"
  member = "serviceAccount:${var.accounts.push}"
}

resource "google_pubsub_subscription" "main" {
  project = var.project_id
  name    = "${var.poke_topic}-mirror"
  topic   = var.poke_topic
  # Pokes of one deployment come one at a time.
  enable_message_ordering = true
  ack_deadline_seconds    = var.ack_deadline_seconds
  # A poke only wakes: what a day could not deliver, the sweeps have made up for.
  message_retention_duration = "86400s"

  push_config {
    push_endpoint = google_cloudfunctions2_function.main.service_config[0].uri

    oidc_token {
      service_account_email = var.accounts.push
      audience              = google_cloudfunctions2_function.main.service_config[0].uri
    }
  }

  retry_policy {
    minimum_backoff = "1s"
    maximum_backoff = "60s"
  }

  dead_letter_policy {
    dead_letter_topic     = var.dead_letter_topic_id
    max_delivery_attempts = 20
  }

  # Never: an idle month would end the mirror.
  expiration_policy {
    ttl = ""
  }

  depends_on = [google_cloud_run_v2_service_iam_member.push]
}

# Without it dead letters fail in silence: Pub/Sub's own agent takes them off the subscription.
resource "google_pubsub_subscription_iam_member" "dead_letter_subscriber" {
  project      = var.project_id
  subscription = google_pubsub_subscription.main.name
  role         = "roles/pubsub.subscriber"
  member       = var.pubsub_agent
}
