output "name" {
  description = "Name of the worker pool."
  value       = google_cloud_run_v2_worker_pool.main.name
}
