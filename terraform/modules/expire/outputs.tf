output "name" {
  description = "Name of the job on Cloud Run."
  value       = google_cloud_run_v2_job.main.name
}
