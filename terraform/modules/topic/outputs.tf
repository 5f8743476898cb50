output "dead_letter_subscription" {
  description = "Name of the subscription that keeps the dead letters."
  value       = google_pubsub_subscription.dead_letter.name
}

output "dead_letter_topic_id" {
  description = "Full id of the dead letters' topic, once Pub/Sub may publish there and a subscription keeps them."
  value       = "projects/${google_pubsub_topic.dead_letter.project}/topics/${google_pubsub_topic.dead_letter.name}"

  depends_on = [google_pubsub_subscription.dead_letter, google_pubsub_topic_iam_member.dead_letter_publisher]
}

output "name" {
  description = "Name of the topic, once its publishers may publish."
  value       = google_pubsub_topic.main.name

  depends_on = [google_pubsub_topic_iam_member.publisher]
}
