# The Firestore database of the events, with its indexes and backups. The indexes are those that the code's queries need and
# its tests derive: read from the same file, so that the two cannot differ.

locals {
  indexes = jsondecode(file("${path.module}/../../../event-store/firestore.indexes.json"))

  composite_indexes = {
    for index in local.indexes.indexes :
    join(".", concat([index.collectionGroup], [for field in index.fields : field.fieldPath])) => index
  }
  fields = {
    for field in local.indexes.fieldOverrides : "${field.collectionGroup}.${field.fieldPath}" => field
  }
}

resource "google_firestore_database" "main" {
  project                           = var.project_id
  name                              = var.name
  location_id                       = var.region
  type                              = "FIRESTORE_NATIVE"
  database_edition                  = "STANDARD"
  concurrency_mode                  = "PESSIMISTIC"
  point_in_time_recovery_enablement = "POINT_IN_TIME_RECOVERY_ENABLED"
  delete_protection_state           = var.deletion_protection ? "DELETE_PROTECTION_ENABLED" : "DELETE_PROTECTION_DISABLED"
  # The provider's own default would leave the database behind, and out of sight.
  deletion_policy = var.deletion_protection ? "PREVENT" : "DELETE"
}

resource "google_firestore_index" "main" {
  for_each = local.composite_indexes

  project     = var.project_id
  database    = google_firestore_database.main.name
  collection  = each.value.collectionGroup
  query_scope = each.value.queryScope

  dynamic "fields" {
    for_each = each.value.fields
    content {
      field_path = fields.value.fieldPath
      order      = fields.value.order
    }
  }
}

# A field that no query asks for has no index: an index on a time or a sequence would cap the writes of all deployments.
resource "google_firestore_field" "main" {
  for_each = local.fields

  project    = var.project_id
  database   = google_firestore_database.main.name
  collection = each.value.collectionGroup
  field      = each.value.fieldPath

  index_config {
    dynamic "indexes" {
      for_each = each.value.indexes
      content {
        order       = indexes.value.order
        query_scope = indexes.value.queryScope
      }
    }
  }
}

resource "google_firestore_backup_schedule" "daily" {
  project   = var.project_id
  database  = google_firestore_database.main.name
  retention = "${var.backup_retention_days * 86400}s"

  daily_recurrence {}
}
