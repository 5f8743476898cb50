# The mirrored events in BigQuery, for analysis in SQL: Pub/Sub writes the table itself, and views fold its events to deployments and
# measure their delivery.

locals {
  dataset = "${var.project_id}.${google_bigquery_dataset.main.dataset_id}"

  # The columns that Pub/Sub writes with `write_metadata`, by these names. Text for `data`: a column of JSON refuses some numbers, and
  # what is refused would be missing.
  columns = [
    { name = "subscription_name", type = "STRING", description = "Subscription that wrote the row." },
    { name = "message_id", type = "STRING", description = "Id of the message." },
    { name = "publish_time", type = "TIMESTAMP", description = "Time when the mirror published the message." },
    { name = "data", type = "STRING", description = "The event, as proto JSON." },
    { name = "attributes", type = "STRING", description = "The attributes of the CloudEvent and the ordering key, as JSON." },
  ]
}

resource "google_bigquery_dataset" "main" {
  project                    = var.project_id
  dataset_id                 = "activity_events"
  location                   = var.region
  description                = "Events of deployments, as the mirror publishes them, and the deployments and delivery metrics that follow from them."
  delete_contents_on_destroy = !var.deletion_protection
}

resource "google_bigquery_table" "events" {
  project             = var.project_id
  dataset_id          = google_bigquery_dataset.main.dataset_id
  table_id            = "events"
  description         = "Messages of the topic, each at least once. Written by Pub/Sub."
  deletion_protection = var.deletion_protection
  schema              = jsonencode(local.columns)

  time_partitioning {
    type          = "DAY"
    field         = "publish_time"
    expiration_ms = var.retention_days == 0 ? null : var.retention_days * 86400000
  }
}

# Pub/Sub checks it when the subscription is made.
resource "google_bigquery_table_iam_member" "writer" {
  project    = var.project_id
  dataset_id = google_bigquery_dataset.main.dataset_id
  table_id   = google_bigquery_table.events.table_id
  role       = "roles/bigquery.dataEditor"
  member     = var.pubsub_agent
}

resource "google_pubsub_subscription" "main" {
  project = var.project_id
  name    = "${var.events_topic}-bigquery"
  topic   = var.events_topic
  # A week, the longest that BigQuery may be away.
  message_retention_duration = "604800s"

  bigquery_config {
    table = "${local.dataset}.${google_bigquery_table.events.table_id}"
    # The topic has no schema: a row is the message as it is.
    use_topic_schema = false
    write_metadata   = true
  }

  retry_policy {
    minimum_backoff = "10s"
    maximum_backoff = "600s"
  }

  dead_letter_policy {
    dead_letter_topic     = var.dead_letter_topic_id
    max_delivery_attempts = 20
  }

  # Never: an idle month would end the table.
  expiration_policy {
    ttl = ""
  }

  depends_on = [google_bigquery_table_iam_member.writer]
}

# Without it dead letters fail in silence: Pub/Sub's own agent takes them off the subscription.
resource "google_pubsub_subscription_iam_member" "dead_letter_subscriber" {
  project      = var.project_id
  subscription = google_pubsub_subscription.main.name
  role         = "roles/pubsub.subscriber"
  member       = var.pubsub_agent
}

resource "google_bigquery_table" "deployments" {
  project             = var.project_id
  dataset_id          = google_bigquery_dataset.main.dataset_id
  table_id            = "deployments"
  description         = "Heads of the deployments, folded from their events."
  deletion_protection = false

  view {
    query          = templatefile("${path.module}/views/deployments.sql", { events = "${local.dataset}.${google_bigquery_table.events.table_id}" })
    use_legacy_sql = false
  }
}

resource "google_bigquery_table" "failures" {
  project             = var.project_id
  dataset_id          = google_bigquery_dataset.main.dataset_id
  table_id            = "failures"
  description         = "Failures of deployments, and what ended them when."
  deletion_protection = false

  view {
    query          = templatefile("${path.module}/views/failures.sql", { deployments = "${local.dataset}.${google_bigquery_table.deployments.table_id}" })
    use_legacy_sql = false
  }
}

resource "google_bigquery_table" "delivery_metrics" {
  project             = var.project_id
  dataset_id          = google_bigquery_dataset.main.dataset_id
  table_id            = "delivery_metrics"
  description         = "The five delivery metrics of the last 7, 30 and 90 days, by service and environment."
  deletion_protection = false

  view {
    query = templatefile("${path.module}/views/delivery_metrics.sql", {
      deployments = "${local.dataset}.${google_bigquery_table.deployments.table_id}"
      failures    = "${local.dataset}.${google_bigquery_table.failures.table_id}"
    })
    use_legacy_sql = false
  }
}

# Who reads the dataset also pays for the queries, in a project of its own or in this one with roles/bigquery.jobUser.
resource "google_bigquery_dataset_iam_member" "reader" {
  for_each = var.readers

  project    = var.project_id
  dataset_id = google_bigquery_dataset.main.dataset_id
  role       = "roles/bigquery.dataViewer"
  member     = each.value
}
