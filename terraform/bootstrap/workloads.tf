# The accounts that the environment runs as, and what they may do beyond what the environment itself makes. They are here, applied by an
# owner of the project, so that the account that builds and applies makes no accounts and gives no roles on the project.

locals {
  workloads = {
    activity-events        = "Activity Events: the service"
    activity-expire        = "Activity Events: purges what is over"
    activity-forward       = "Activity Events: forwards"
    activity-mirror        = "Activity Events: the mirror"
    activity-mirror-build  = "Activity Events: builds the mirror"
    activity-mirror-push   = "Activity Events: pushes to the mirror"
    activity-page          = "Activity Events: the page"
    activity-sweep         = "Activity Events: asks for sweeps"
    activity-webhooks      = "Activity Events: the webhooks"
    activity-webhooks-push = "Activity Events: pushes to the webhooks"
  }
  # As Google forms them: known before the accounts are made, so that a plan shows who gets what.
  workload_emails = {
    for name, account in google_service_account.workload :
    name => "${account.account_id}@${account.project}.iam.gserviceaccount.com"
  }
  pubsub_agent = "serviceAccount:service-${data.google_project.main.number}@gcp-sa-pubsub.iam.gserviceaccount.com"
}

data "google_project" "main" {
  project_id = var.project_id
}

resource "google_service_account" "workload" {
  for_each = local.workloads

  project      = var.project_id
  account_id   = each.key
  display_name = each.value

  depends_on = [google_project_service.main]
}

# Whoever makes something that runs as an account must be allowed to act as it.
resource "google_service_account_iam_member" "builder_acts" {
  for_each = local.workload_emails

  service_account_id = "projects/${var.project_id}/serviceAccounts/${each.value}"
  role               = "roles/iam.serviceAccountUser"
  member             = local.builder
}

# A role on data can only be given on the project; the condition narrows it to this database.
resource "google_project_iam_member" "event_store_user" {
  for_each = toset(["activity-events", "activity-mirror"])

  project = var.project_id
  role    = "roles/datastore.user"
  member  = "serviceAccount:${local.workload_emails[each.value]}"

  condition {
    title       = "only-activity-events"
    description = "Only the database of the activity events."
    expression  = "resource.name == \"projects/${var.project_id}/databases/activity-events\""
  }
}

# Who may do what: the environment puts the access file in. It is no secret, but a file that each instance reads anew.
resource "google_secret_manager_secret" "access" {
  project   = var.project_id
  secret_id = "activity-events-access"

  replication {
    user_managed {
      replicas {
        location = var.region
      }
    }
  }

  depends_on = [google_project_service.main]
}

resource "google_secret_manager_secret_iam_member" "access_reader" {
  for_each = toset(["activity-events", "activity-page"])

  project   = var.project_id
  secret_id = google_secret_manager_secret.access.secret_id
  role      = "roles/secretmanager.secretAccessor"
  member    = "serviceAccount:${local.workload_emails[each.value]}"
}

resource "google_secret_manager_secret_iam_member" "access_builder" {
  for_each = toset(["roles/secretmanager.secretAccessor", "roles/secretmanager.secretVersionManager"])

  project   = var.project_id
  secret_id = google_secret_manager_secret.access.secret_id
  role      = each.value
  member    = local.builder
}

resource "google_secret_manager_secret_iam_member" "service" {
  for_each = var.secrets

  project   = var.project_id
  secret_id = each.value
  role      = "roles/secretmanager.secretAccessor"
  member    = "serviceAccount:${local.workload_emails["activity-events"]}"
}

resource "google_secret_manager_secret_iam_member" "webhooks" {
  for_each = var.webhook_secrets

  project   = var.project_id
  secret_id = each.value
  role      = "roles/secretmanager.secretAccessor"
  member    = "serviceAccount:${local.workload_emails["activity-webhooks"]}"
}

resource "google_secret_manager_secret_iam_member" "forward" {
  for_each = var.forward_secrets

  project   = var.project_id
  secret_id = each.value
  role      = "roles/secretmanager.secretAccessor"
  member    = "serviceAccount:${local.workload_emails["activity-forward"]}"
}

# Keeps how far each target was told. A file is written up to once a second, and each time the old one would be kept, and paid for.
resource "google_storage_bucket" "forward" {
  project                     = var.project_id
  name                        = "${var.project_id}-activity-forward"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = true

  soft_delete_policy {
    retention_duration_seconds = 0
  }

  depends_on = [google_project_service.main]
}

resource "google_storage_bucket_iam_member" "forward" {
  bucket = google_storage_bucket.forward.name
  role   = "roles/storage.objectUser"
  member = "serviceAccount:${local.workload_emails["activity-forward"]}"
}

# Takes the zip of `npm run package-mirror`.
resource "google_storage_bucket" "mirror" {
  project                     = var.project_id
  name                        = "${var.project_id}-activity-mirror"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = true

  depends_on = [google_project_service.main]
}

resource "google_storage_bucket_iam_member" "mirror_build" {
  bucket = google_storage_bucket.mirror.name
  role   = "roles/storage.objectViewer"
  member = "serviceAccount:${local.workload_emails["activity-mirror-build"]}"
}

# Cloud Run functions hands a build not the zip itself but a copy, in a bucket that comes with the region's first function: so
# the role is given on the project, and its condition narrows it to that bucket.
resource "google_project_iam_member" "mirror_build_source" {
  project = var.project_id
  role    = "roles/storage.objectViewer"
  member  = "serviceAccount:${local.workload_emails["activity-mirror-build"]}"

  condition {
    title       = "only-sources-of-functions"
    description = "Only the copies that Cloud Run functions makes of the sources."
    expression  = "resource.name.startsWith(\"projects/_/buckets/gcf-v2-sources-${data.google_project.main.number}-${var.region}/\")"
  }
}

resource "google_artifact_registry_repository_iam_member" "mirror_build" {
  project    = var.project_id
  location   = google_artifact_registry_repository.main.location
  repository = google_artifact_registry_repository.main.repository_id
  role       = "roles/artifactregistry.writer"
  member     = "serviceAccount:${local.workload_emails["activity-mirror-build"]}"
}

resource "google_project_iam_member" "mirror_build_logs" {
  project = var.project_id
  role    = "roles/logging.logWriter"
  member  = "serviceAccount:${local.workload_emails["activity-mirror-build"]}"
}

# Google gives its agent this role with the API's first use, unless an organisation's policy forbids such grants; then pushes would carry
# no token.
resource "google_project_iam_member" "pubsub_agent" {
  project = var.project_id
  role    = "roles/pubsub.serviceAgent"
  member  = local.pubsub_agent
}
