output "database" {
  description = "Id of the database, once all indexes stand and its users may use it."
  value       = google_firestore_database.main.name

  depends_on = [
    google_firestore_field.main,
    google_firestore_index.main,
    google_project_iam_member.user,
  ]
}
