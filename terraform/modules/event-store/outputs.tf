output "database" {
  description = "Id of the database, once all indexes stand."
  value       = google_firestore_database.main.name

  depends_on = [
    google_firestore_field.main,
    google_firestore_index.main,
  ]
}
