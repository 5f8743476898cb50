output "audience" {
  description = "Audience of the ID tokens that callers send."
  value       = one(google_cloud_run_v2_service.main.custom_audiences)
}

output "member" {
  description = "IAM member of the service's account."
  value       = "serviceAccount:${var.account}"
}

output "name" {
  description = "Name of the service, once those who may call it can."
  value       = google_cloud_run_v2_service.main.name

  depends_on = [google_cloud_run_v2_service_iam_member.invoker]
}

output "uri" {
  description = "Address of the service."
  value       = google_cloud_run_v2_service.main.uri

  depends_on = [google_cloud_run_v2_service_iam_member.invoker]
}
