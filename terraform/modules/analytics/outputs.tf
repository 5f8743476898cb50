output "dataset" {
  description = "Dataset of the events and views, as project.dataset, once Pub/Sub writes the table."
  value       = local.dataset

  depends_on = [google_pubsub_subscription.main, google_bigquery_table.delivery_metrics]
}

output "subscription" {
  description = "Name of the subscription that writes the table."
  value       = google_pubsub_subscription.main.name
}
