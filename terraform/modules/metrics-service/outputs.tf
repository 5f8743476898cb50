output "access_secret" {
  description = "Secret of the access file by which the page shows, null without one."
  value       = var.access_secret
}

output "name" {
  description = "Name of the service of the page, once its viewers can open it."
  value       = google_cloud_run_v2_service.main.name

  depends_on = [google_cloud_run_v2_service_iam_member.iap, google_iap_web_cloud_run_service_iam_member.viewer]
}

output "uri" {
  description = "Address of the page."
  value       = google_cloud_run_v2_service.main.uri

  depends_on = [google_cloud_run_v2_service_iam_member.iap, google_iap_web_cloud_run_service_iam_member.viewer]
}
