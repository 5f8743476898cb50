# What a project needs before an environment can be applied to it: the APIs, the buckets of the states and of the mirror's zip, the
# repository of the images, the account that builds, applies and rolls out, and the one that tests. workloads.tf holds the accounts that the environment
# runs as.

locals {
  # As Google forms it: known before the account is made, so that a plan shows who gets what.
  builder = "serviceAccount:${google_service_account.build.account_id}@${google_service_account.build.project}.iam.gserviceaccount.com"

  apis = setunion(var.analytics ? ["bigquery"] : [], [
    "artifactregistry", "billingbudgets", "cloudbuild", "cloudfunctions", "cloudresourcemanager", "cloudscheduler",
    "containeranalysis", "containerscanning", "firestore", "iam", "iamcredentials", "iap", "logging", "monitoring", "pubsub", "run",
    "secretmanager", "storage",
  ])

  # What Terraform makes cannot be bound to single resources: they are not there yet. No role here gives roles on the project or on an
  # account: who builds and applies can become nobody else.
  builder_roles = setunion(var.analytics ? ["roles/bigquery.user"] : [], [
    "roles/cloudfunctions.developer",
    "roles/cloudscheduler.admin",
    "roles/containeranalysis.occurrences.viewer",
    "roles/datastore.owner",
    "roles/iap.admin",
    "roles/logging.configWriter",
    "roles/logging.logWriter",
    "roles/monitoring.editor",
    "roles/pubsub.admin",
    "roles/run.admin",
    "roles/serviceusage.serviceUsageConsumer",
  ])
}

provider "google" {
  project = var.project_id
  region  = var.region
}

resource "google_project_service" "main" {
  for_each = local.apis

  project            = var.project_id
  service            = "${each.value}.googleapis.com"
  disable_on_destroy = false
}

# States, in versions, so that one that was broken can be brought back; and the sources that builds are made of.
resource "google_storage_bucket" "main" {
  project                     = var.project_id
  name                        = "${var.project_id}-activity-events"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  deletion_policy             = "PREVENT"

  versioning {
    enabled = true
  }

  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      num_newer_versions = 50
      with_state         = "ARCHIVED"
    }
  }

  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      age            = 30
      matches_prefix = ["source/"]
      with_state     = "LIVE"
    }
  }
}

resource "google_artifact_registry_repository" "main" {
  project       = var.project_id
  location      = var.region
  repository_id = "activity-events"
  format        = "DOCKER"
  description   = "Images of the service and of the mirror."

  vulnerability_scanning_config {
    enablement_config = "INHERITED"
  }

  cleanup_policies {
    id     = "keep-what-can-be-rolled-back-to"
    action = "KEEP"

    most_recent_versions {
      keep_count = 20
    }
  }

  cleanup_policies {
    id     = "delete-after-three-months"
    action = "DELETE"

    condition {
      older_than = "7776000s"
    }
  }

  depends_on = [google_project_service.main]
}

resource "google_artifact_registry_repository_iam_member" "builder" {
  project    = var.project_id
  location   = google_artifact_registry_repository.main.location
  repository = google_artifact_registry_repository.main.repository_id
  role       = "roles/artifactregistry.writer"
  member     = local.builder
}

resource "google_service_account" "build" {
  project      = var.project_id
  account_id   = "activity-build"
  display_name = "Activity Events: builds, applies and rolls out"

  depends_on = [google_project_service.main]
}

# The tests of a pull request run as it: it may nothing but log.
resource "google_service_account" "test" {
  project      = var.project_id
  account_id   = "activity-test"
  display_name = "Activity Events: tests what is proposed"

  depends_on = [google_project_service.main]
}

resource "google_project_iam_member" "test_logs" {
  project = var.project_id
  role    = "roles/logging.logWriter"
  member  = "serviceAccount:${google_service_account.test.account_id}@${google_service_account.test.project}.iam.gserviceaccount.com"
}

# In a build the metadata server gives ID tokens only to an account that may make its own.
resource "google_service_account_iam_member" "builder_tokens" {
  service_account_id = "projects/${var.project_id}/serviceAccounts/${trimprefix(local.builder, "serviceAccount:")}"
  role               = "roles/iam.serviceAccountOpenIdTokenCreator"
  member             = local.builder

  depends_on = [google_service_account.build]
}

resource "google_project_iam_member" "builder" {
  for_each = local.builder_roles

  project = var.project_id
  role    = each.value
  member  = local.builder
}

resource "google_storage_bucket_iam_member" "builder" {
  for_each = { states = google_storage_bucket.main.name, mirror = google_storage_bucket.mirror.name }

  bucket = each.value
  role   = "roles/storage.objectAdmin"
  member = local.builder
}
