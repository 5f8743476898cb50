# A topic, who may publish on it, and where its subscriptions put what they cannot deliver.

resource "google_pubsub_topic" "main" {
  project                    = var.project_id
  name                       = var.name
  message_retention_duration = var.retention_days == 0 ? null : "${var.retention_days * 86400}s"

  message_storage_policy {
    allowed_persistence_regions = var.allowed_regions
    # Subscribers may be anywhere; only the storage of messages is restricted.
    enforce_in_transit = false
  }
}

resource "google_pubsub_topic" "dead_letter" {
  project = var.project_id
  name    = "${google_pubsub_topic.main.name}-dead-letter"

  message_storage_policy {
    allowed_persistence_regions = var.allowed_regions
    enforce_in_transit          = false
  }
}

# Without a subscription of its own the topic would take the dead letters and lose them.
resource "google_pubsub_subscription" "dead_letter" {
  project                    = var.project_id
  name                       = google_pubsub_topic.dead_letter.name
  topic                      = google_pubsub_topic.dead_letter.name
  message_retention_duration = "2678400s"

  expiration_policy {
    ttl = ""
  }
}

# Without it dead letters fail in silence: it is Pub/Sub's own agent that publishes them.
resource "google_pubsub_topic_iam_member" "dead_letter_publisher" {
  project = var.project_id
  topic   = google_pubsub_topic.dead_letter.name
  role    = "roles/pubsub.publisher"
  member  = var.pubsub_agent
}

resource "google_pubsub_topic_iam_member" "publisher" {
  for_each = var.publishers

  project = var.project_id
  topic   = google_pubsub_topic.main.name
  role    = "roles/pubsub.publisher"
  member  = each.value
}
