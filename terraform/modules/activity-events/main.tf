# The whole system in one project. Its variables hold the differences between environments.

locals {
  pubsub_agent = "serviceAccount:service-${data.google_project.main.number}@gcp-sa-pubsub.iam.gserviceaccount.com"
  # terraform/bootstrap makes them all. The builder applies this and rolls out.
  accounts = {
    for name in ["activity-events", "activity-mirror", "activity-mirror-build", "activity-mirror-push", "activity-sweep"] :
    name => "${name}@${var.project_id}.iam.gserviceaccount.com"
  }
  builder = "serviceAccount:activity-build@${var.project_id}.iam.gserviceaccount.com"

  pubsub_endpoint = "${var.region}-pubsub.googleapis.com"

  # The names that the service and the mirror read; their defaults are the topics' names below.
  shared_settings = {
    FIRESTORE_DATABASE   = module.event_store.database
    GOOGLE_CLOUD_PROJECT = var.project_id
    LOG_LEVEL            = var.log_level
    POKE_TOPIC           = module.poke_topic.name
    # Messages of one key keep their order only within a region.
    PUBSUB_ENDPOINT = local.pubsub_endpoint
  }
}

# Deletion protection of the service and the database speaks up only when a destroy gets to them: the topics with their messages, the
# alerts and the backups' schedule would be gone by then. This refuses the whole plan, and its own removal as well: see
# `npm run unprotect-environment`.
resource "terraform_data" "protection" {
  count = var.deletion_protection ? 1 : 0

  lifecycle {
    prevent_destroy = true
  }
}

data "google_project" "main" {
  project_id = var.project_id
}

module "event_store" {
  source = "../event-store"

  project_id            = var.project_id
  region                = var.region
  backup_retention_days = var.backup_retention_days
  deletion_protection   = var.deletion_protection
}

module "poke_topic" {
  source = "../topic"

  project_id      = var.project_id
  name            = "activity-pokes"
  allowed_regions = [var.region]
  pubsub_agent    = local.pubsub_agent

  publishers = {
    mirror      = module.mirror.member
    run-service = module.run_service.member
    sweep       = module.sweep.member
  }
}

module "events_topic" {
  source = "../topic"

  project_id      = var.project_id
  name            = "deployment-events"
  allowed_regions = [var.region]
  pubsub_agent    = local.pubsub_agent
  retention_days  = var.events_retention_days

  publishers = { mirror = module.mirror.member }
}

module "run_service" {
  source = "../run-service"

  project_id          = var.project_id
  region              = var.region
  account             = local.accounts["activity-events"]
  audience            = "https://activity-events.${var.project_id}"
  concurrency         = var.run_service.concurrency
  cpu                 = var.run_service.cpu
  cpu_idle            = var.run_service.cpu_idle
  deletion_protection = var.deletion_protection
  image               = var.image
  instances           = var.run_service.instances
  invokers            = merge({ build = local.builder }, var.invokers)
  memory              = var.run_service.memory
  secrets             = var.secrets

  settings = merge(local.shared_settings, {
    HOST  = "0.0.0.0"
    STORE = "firestore"
    # A stream ends by itself before Cloud Run ends it after an hour.
    STREAM_MAX_AGE_SECONDS = "3300"
  })
}

module "mirror" {
  source = "../mirror"

  project_id = var.project_id
  region     = var.region
  accounts = {
    run   = local.accounts["activity-mirror"]
    build = local.accounts["activity-mirror-build"]
    push  = local.accounts["activity-mirror-push"]
  }
  archive              = var.mirror_archive
  dead_letter_topic_id = module.poke_topic.dead_letter_topic_id
  instances            = var.mirror_instances
  poke_topic           = module.poke_topic.name
  pubsub_agent         = local.pubsub_agent
  # terraform/bootstrap makes both.
  repository    = "activity-events"
  source_bucket = "${var.project_id}-activity-mirror"

  settings = merge(local.shared_settings, {
    EVENTS_TOPIC          = module.events_topic.name
    MIRROR_RUN_EVENTS_MAX = tostring(var.mirror_run_events_max)
  })
}

module "sweep" {
  source = "../sweep"

  project_id      = var.project_id
  region          = var.region
  account         = local.accounts["activity-sweep"]
  poke_topic      = module.poke_topic.name
  pubsub_endpoint = local.pubsub_endpoint
}

module "monitoring" {
  source = "../monitoring"

  project_id                = var.project_id
  project_number            = data.google_project.main.number
  region                    = var.region
  budget                    = var.budget
  dead_letter_subscriptions = [module.poke_topic.dead_letter_subscription, module.events_topic.dead_letter_subscription]
  function                  = module.mirror.name
  mirror_subscription       = module.mirror.subscription
  notification_emails       = var.notification_emails
  runbook_url               = var.runbook_url
  service                   = module.run_service.name
}
