output "job" {
  description = "Name of the job."
  value       = google_cloud_scheduler_job.main.name
}

output "member" {
  description = "IAM member of the job's account."
  value       = "serviceAccount:${var.account}"
}
