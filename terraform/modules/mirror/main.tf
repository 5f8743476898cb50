# The function `mirror`, made from the zip of `npm run package-mirror`, and the subscription that pushes pokes and sweeps to
# it. Nobody but that subscription's account may call it.

locals {
  # As Google forms them: known before the accounts are made, so that a plan shows who gets what.
  emails = {
    for name, account in google_service_account.main :
    name => "${account.account_id}@${account.project}.iam.gserviceaccount.com"
  }
  accounts = {
    run   = "Activity Events: the mirror"
    build = "Activity Events: builds the mirror"
    push  = "Activity Events: pushes to the mirror"
  }
}

resource "google_service_account" "main" {
  for_each = local.accounts

  project      = var.project_id
  account_id   = each.key == "run" ? "activity-mirror" : "activity-mirror-${each.key}"
  display_name = each.value
}

# The account that creates a resource must be allowed to act as the resource's account.
resource "google_service_account_iam_member" "deployer" {
  for_each = {
    for pair in setproduct(keys(local.accounts), keys(var.deployers)) :
    join(".", pair) => { account = pair[0], member = var.deployers[pair[1]] }
  }

  service_account_id = "projects/${var.project_id}/serviceAccounts/${local.emails[each.value.account]}"
  role               = "roles/iam.serviceAccountUser"
  member             = each.value.member
}

resource "google_storage_bucket" "source" {
  project                     = var.project_id
  name                        = "${var.project_id}-activity-mirror"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = true
}

# Named by its content, so that new content makes a new object and a new deployment.
resource "google_storage_bucket_object" "source" {
  bucket = google_storage_bucket.source.name
  name   = "mirror-${filesha256(var.archive)}.zip"
  source = var.archive
}

resource "google_storage_bucket_iam_member" "builder" {
  bucket = google_storage_bucket.source.name
  role   = "roles/storage.objectViewer"
  member = "serviceAccount:${local.emails.build}"
}

# Cloud Run functions hands a build not the zip itself but a copy, in a bucket that comes with the region's first function: so
# the role is given on the project, and its condition narrows it to that bucket.
resource "google_project_iam_member" "builder_source" {
  project = var.project_id
  role    = "roles/storage.objectViewer"
  member  = "serviceAccount:${local.emails.build}"

  condition {
    title       = "only-sources-of-functions"
    description = "Only the copies that Cloud Run functions makes of the sources."
    expression  = "resource.name.startsWith(\"projects/_/buckets/gcf-v2-sources-${var.project_number}-${var.region}/\")"
  }
}

resource "google_artifact_registry_repository_iam_member" "builder" {
  project    = var.project_id
  location   = var.region
  repository = var.repository
  role       = "roles/artifactregistry.writer"
  member     = "serviceAccount:${local.emails.build}"
}

resource "google_project_iam_member" "builder" {
  project = var.project_id
  role    = "roles/logging.logWriter"
  member  = "serviceAccount:${local.emails.build}"
}

resource "google_cloudfunctions2_function" "main" {
  project     = var.project_id
  location    = var.region
  name        = "mirror"
  description = "Publishes every recorded event on the topic, in order."

  build_config {
    runtime           = "nodejs24"
    entry_point       = "mirror"
    service_account   = "projects/${var.project_id}/serviceAccounts/${local.emails.build}"
    docker_repository = "projects/${var.project_id}/locations/${var.region}/repositories/${var.repository}"
    # The zip holds the bundle: there is nothing to be built.
    environment_variables = { GOOGLE_NODE_RUN_SCRIPTS = "" }

    source {
      storage_source {
        bucket = google_storage_bucket.source.name
        object = google_storage_bucket_object.source.name
      }
    }
  }

  service_config {
    service_account_email            = local.emails.run
    ingress_settings                 = "ALLOW_INTERNAL_ONLY"
    timeout_seconds                  = var.timeout_seconds
    available_cpu                    = "1"
    available_memory                 = "512Mi"
    max_instance_request_concurrency = 16
    min_instance_count               = var.instances.min
    max_instance_count               = var.instances.max
    all_traffic_on_latest_revision   = true
    environment_variables            = var.settings
  }

  depends_on = [
    google_artifact_registry_repository_iam_member.builder,
    google_project_iam_member.builder,
    google_project_iam_member.builder_source,
    google_service_account_iam_member.deployer,
    google_storage_bucket_iam_member.builder,
  ]
}

resource "google_cloud_run_v2_service_iam_member" "push" {
  project  = var.project_id
  location = google_cloudfunctions2_function.main.location
  # The service behind the function has its name.
  name   = google_cloudfunctions2_function.main.name
  role   = "roles/run.invoker"
  member = "serviceAccount:${local.emails.push}"
}

resource "google_pubsub_subscription" "main" {
  project = var.project_id
  name    = "${var.poke_topic}-mirror"
  topic   = var.poke_topic
  # Pokes of one deployment come one at a time.
  enable_message_ordering = true
  ack_deadline_seconds    = var.ack_deadline_seconds
  # A poke only wakes: what a day could not deliver, the sweeps have made up for.
  message_retention_duration = "86400s"

  push_config {
    push_endpoint = google_cloudfunctions2_function.main.service_config[0].uri

    oidc_token {
      service_account_email = local.emails.push
      audience              = google_cloudfunctions2_function.main.service_config[0].uri
    }
  }

  retry_policy {
    minimum_backoff = "1s"
    maximum_backoff = "60s"
  }

  dead_letter_policy {
    dead_letter_topic     = var.dead_letter_topic_id
    max_delivery_attempts = 20
  }

  # Never: an idle month would end the mirror.
  expiration_policy {
    ttl = ""
  }

  depends_on = [google_cloud_run_v2_service_iam_member.push]
}

# Without it dead letters fail in silence: Pub/Sub's own agent takes them off the subscription.
resource "google_pubsub_subscription_iam_member" "dead_letter_subscriber" {
  project      = var.project_id
  subscription = google_pubsub_subscription.main.name
  role         = "roles/pubsub.subscriber"
  member       = var.pubsub_agent
}
