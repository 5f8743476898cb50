output "member" {
  description = "IAM member of the webhooks' account."
  value       = "serviceAccount:${var.account}"
}

output "uri" {
  description = "Address of the webhooks, to which a tool adds its route, once everybody may call them."
  value       = google_cloud_run_v2_service.main.uri

  depends_on = [google_cloud_run_v2_service_iam_member.everybody]
}
