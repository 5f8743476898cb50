output "member" {
  description = "IAM member of the function's account."
  value       = "serviceAccount:${var.accounts.run}"
}

output "name" {
  description = "Name of the function."
  value       = google_cloudfunctions2_function.main.name
}

output "subscription" {
  description = "Name of the subscription that pushes to the function, once its dead letters have a way out."
  value       = google_pubsub_subscription.main.name

  depends_on = [google_pubsub_subscription_iam_member.dead_letter_subscriber]
}
