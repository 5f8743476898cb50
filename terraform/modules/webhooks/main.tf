# The webhooks on Cloud Run, and what Pub/Sub pushes to them. The only thing here that everybody on the internet may call: GitHub and
# others have no account of Google, so each route checks a signature, a token or the account of a push by itself.

locals {
  # Of its own, and no address of the service: Cloud Run leaves a token for it as it is, signature and all.
  audience = "https://${var.name}.${var.project_id}"

  # What is pushed, to which route. Without a dead letter a notification that nothing takes would come back for a week.
  subscriptions = merge(
    { inbox = { topic = var.inbox_topic, route = "inbox" } },
    { for topic, route in var.topics : topic => { topic = topic, route = route } },
  )
}

resource "google_cloud_run_v2_service" "main" {
  project              = var.project_id
  location             = var.region
  name                 = var.name
  ingress              = "INGRESS_TRAFFIC_ALL"
  deletion_protection  = var.deletion_protection
  invoker_iam_disabled = false

  scaling {
    min_instance_count = 0
    max_instance_count = var.instances_max
  }

  template {
    service_account                  = var.account
    timeout                          = "60s"
    max_instance_request_concurrency = var.concurrency
    execution_environment            = "EXECUTION_ENVIRONMENT_GEN2"

    containers {
      image   = var.image
      command = ["/usr/local/bin/node"]
      args    = ["/app/webhooks/activity_webhooks.cjs"]

      ports {
        name           = "http1"
        container_port = 8080
      }

      resources {
        limits = {
          cpu    = "1"
          memory = var.memory
        }
        cpu_idle          = true
        startup_cpu_boost = true
      }

      startup_probe {
        period_seconds    = 1
        timeout_seconds   = 1
        failure_threshold = 60

        http_get {
          path = "/healthz"
          port = 8080
        }
      }

      liveness_probe {
        period_seconds    = 30
        timeout_seconds   = 5
        failure_threshold = 10

        http_get {
          path = "/healthz"
          port = 8080
        }
      }

      dynamic "env" {
        for_each = {
          ACTIVITY_ADDRESS          = var.service_uri
          ACTIVITY_AUDIENCE         = var.service_audience
          GOOGLE_CLOUD_PROJECT      = var.project_id
          HOST                      = "0.0.0.0"
          LOG_LEVEL                 = var.log_level
          WEBHOOKS_GITHUB_WORKFLOWS = join(",", var.github_workflows)
          WEBHOOKS_INBOX_TOPIC      = var.inbox_topic
          WEBHOOKS_OIDC_ACCOUNTS    = var.push_account
          WEBHOOKS_OIDC_AUDIENCE    = local.audience
        }
        content {
          name  = env.key
          value = env.value
        }
      }

      dynamic "env" {
        for_each = var.secrets
        content {
          name = env.key
          value_source {
            secret_key_ref {
              secret  = env.value.secret
              version = env.value.version
            }
          }
        }
      }
    }
  }

  lifecycle {
    ignore_changes = [
      client,
      client_version,
      template[0].revision,
    ]
  }
}

resource "google_cloud_run_v2_service_iam_member" "everybody" {
  project  = var.project_id
  location = google_cloud_run_v2_service.main.location
  name     = google_cloud_run_v2_service.main.name
  role     = "roles/run.invoker"
  member   = "allUsers"
}

resource "google_pubsub_subscription" "main" {
  for_each = local.subscriptions

  project              = var.project_id
  name                 = "${each.value.topic}-webhooks"
  topic                = each.value.topic
  ack_deadline_seconds = 60
  # Longer than all attempts take.
  message_retention_duration = "604800s"

  push_config {
    push_endpoint = "${google_cloud_run_v2_service.main.uri}/${each.value.route}"

    oidc_token {
      service_account_email = var.push_account
      audience              = local.audience
    }
  }

  retry_policy {
    minimum_backoff = "1s"
    maximum_backoff = "600s"
  }

  dead_letter_policy {
    dead_letter_topic = var.dead_letter_topic_id
    # The most that there may be: at the backoff above about 16 hours.
    max_delivery_attempts = 100
  }

  expiration_policy {
    ttl = ""
  }

  depends_on = [google_cloud_run_v2_service_iam_member.everybody]
}

# Without it dead letters fail in silence: Pub/Sub's own agent takes them off the subscription.
resource "google_pubsub_subscription_iam_member" "dead_letter_subscriber" {
  for_each = google_pubsub_subscription.main

  project      = var.project_id
  subscription = each.value.name
  role         = "roles/pubsub.subscriber"
  member       = var.pubsub_agent
}
