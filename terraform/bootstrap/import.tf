# The bucket is there before Terraform is: this very state is kept in it. From here on it is Terraform's.
import {
  to = google_storage_bucket.main
  id = "${var.project_id}/${var.project_id}-activity-events"
}
