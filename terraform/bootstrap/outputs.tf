output "builder" {
  description = "The account that builds, applies and rolls out, as Cloud Build names it."
  value       = "projects/${var.project_id}/serviceAccounts/${trimprefix(local.builder, "serviceAccount:")}"

  depends_on = [google_project_iam_member.builder, google_service_account_iam_member.builder_acts]
}

output "repository" {
  description = "Where images go."
  value       = "${google_artifact_registry_repository.main.location}-docker.pkg.dev/${var.project_id}/${google_artifact_registry_repository.main.repository_id}"
}
