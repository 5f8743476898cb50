# The whole system in one project. Its variables hold the differences between environments.

locals {
  pubsub_agent = "serviceAccount:service-${data.google_project.main.number}@gcp-sa-pubsub.iam.gserviceaccount.com"
  # terraform/bootstrap makes them all. The builder applies this and rolls out.
  accounts = {
    for name in [
      "activity-events", "activity-expire", "activity-forward", "activity-mirror", "activity-mirror-build", "activity-mirror-push",
      "activity-page", "activity-sweep", "activity-webhooks", "activity-webhooks-push",
    ] :
    name => "${name}@${var.project_id}.iam.gserviceaccount.com"
  }
  builder = "serviceAccount:activity-build@${var.project_id}.iam.gserviceaccount.com"

  # Google makes it when `gcloud beta services identity create` asks for it.
  monitoring_agent = "serviceAccount:service-${data.google_project.main.number}@gcp-sa-monitoring-notification.iam.gserviceaccount.com"

  own_invokers = merge(
    { build = local.builder },
    var.page_viewers == null ? {} : { page = "serviceAccount:${local.accounts["activity-page"]}" },
    var.webhooks == null ? {} : { webhooks = "serviceAccount:${local.accounts["activity-webhooks"]}" },
    length(var.retention_days) == 0 ? {} : { expire = local.expire_member },
    length(var.forwards) == 0 ? {} : { forward = "serviceAccount:${local.accounts["activity-forward"]}" },
    var.uptime_check ? { uptime = local.monitoring_agent } : {},
  )

  pubsub_endpoint = "${var.region}-pubsub.googleapis.com"

  audience = "https://activity-events.${var.project_id}"

  # terraform/bootstrap makes the secret. The name comes from the version, so that nothing mounts it before there is one.
  access_secret  = one([for version in google_secret_manager_secret_version.access : basename(version.secret)])
  access_issuers = var.access_file == null ? [] : try(yamldecode(var.access_file).issuers, [])
  iam_audiences  = flatten([for issuer in local.access_issuers : issuer.audience if issuer.issuer == "cloud-run"])

  # A binding with prefixes makes no admin of all deployments.
  access_admins = flatten([for binding in try(yamldecode(var.access_file).bindings, []) : try(binding.members, []) if try(binding.role, "") == "admin" && !can(binding.prefixes)])
  expire_member = "serviceAccount:${local.accounts["activity-expire"]}"

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

locals {
  retention_setting = join(", ", [for environment, days in var.retention_days : "${environment}=${days}"])

  run_service_settings = {
    for name, value in merge(local.shared_settings, local.retention_setting == "" ? {} : { RETENTION_DAYS = local.retention_setting }, {
      HOST                                                                                                = "0.0.0.0"
      STORE                                                                                               = "firestore"
      # A stream ends by itself before Cloud Run ends it after an hour.
      STREAM_MAX_AGE_SECONDS = "3300"
    }) :
    # A settings' file has its own: a variable would hide what it says.
    name => value if var.config_secret == null || !contains(["LOG_LEVEL", "STREAM_MAX_AGE_SECONDS"], name)
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

module "analytics" {
  source = "../analytics"
  count  = var.analytics ? 1 : 0

  project_id           = var.project_id
  region               = var.region
  dead_letter_topic_id = module.events_topic.dead_letter_topic_id
  deletion_protection  = var.deletion_protection
  events_topic         = module.events_topic.name
  pubsub_agent         = local.pubsub_agent
  readers              = var.analytics_readers
}

# Who may do what, for the service and the page.
resource "google_secret_manager_secret_version" "access" {
  count = var.access_file == null ? 0 : 1

  secret      = "projects/${var.project_id}/secrets/activity-events-access"
  secret_data = var.access_file

  lifecycle {
    # The instances read the latest version: there must always be one.
    create_before_destroy = true

    precondition {
      condition     = length(local.iam_audiences) == 0 || contains(local.iam_audiences, local.audience)
      error_message = "access_file: the audience of the issuer cloud-run must have \"${local.audience}\", which the tokens of all callers name; found ${join(", ", local.iam_audiences)}."
    }
  }
}

module "run_service" {
  source = "../run-service"

  project_id          = var.project_id
  region              = var.region
  access_file         = local.access_secret == null ? null : { secret = local.access_secret, trusts_iam = length(local.iam_audiences) > 0 }
  account             = local.accounts["activity-events"]
  audience            = local.audience
  concurrency         = var.run_service.concurrency
  config_secret       = var.config_secret
  cpu                 = var.run_service.cpu
  cpu_idle            = var.run_service.cpu_idle
  deletion_protection = var.deletion_protection
  image               = var.image
  instances           = var.run_service.instances
  invokers            = merge(local.own_invokers, var.invokers)
  memory              = var.run_service.memory
  secrets             = var.secrets

  settings = local.run_service_settings
}

module "metrics_service" {
  source = "../metrics-service"
  count  = var.page_viewers == null ? 0 : 1

  project_id       = var.project_id
  project_number   = data.google_project.main.number
  region           = var.region
  access_secret    = local.access_secret
  account          = local.accounts["activity-page"]
  image            = var.image
  log_level        = var.log_level
  service_audience = module.run_service.audience
  service_uri      = module.run_service.uri
  viewers          = var.page_viewers
}

module "inbox_topic" {
  source = "../topic"
  count  = var.webhooks == null ? 0 : 1

  project_id      = var.project_id
  name            = "webhook-inbox"
  allowed_regions = [var.region]
  pubsub_agent    = local.pubsub_agent

  publishers = { webhooks = "serviceAccount:${local.accounts["activity-webhooks"]}" }
}

module "webhooks" {
  source = "../webhooks"
  count  = var.webhooks == null ? 0 : 1

  project_id           = var.project_id
  region               = var.region
  account              = local.accounts["activity-webhooks"]
  dead_letter_topic_id = module.inbox_topic[0].dead_letter_topic_id
  github_workflows     = var.webhooks.github_workflows
  image                = var.image
  inbox_topic          = module.inbox_topic[0].name
  log_level            = var.log_level
  pubsub_agent         = local.pubsub_agent
  push_account         = local.accounts["activity-webhooks-push"]
  secrets              = var.webhooks.secrets
  service_audience     = module.run_service.audience
  service_uri          = module.run_service.uri
  topics               = var.webhooks.topics
}

module "forward" {
  source   = "../forward"
  for_each = var.forwards

  project_id = var.project_id
  region     = var.region
  account    = local.accounts["activity-forward"]
  # terraform/bootstrap makes it.
  bucket           = "${var.project_id}-activity-forward"
  flags            = each.value.flags
  image            = var.image
  name             = each.key
  secrets          = each.value.secrets
  service_audience = module.run_service.audience
  service_uri      = module.run_service.uri
  to               = each.value.to
}

module "expire" {
  source = "../expire"
  count  = length(var.retention_days) == 0 ? 0 : 1

  project_id       = var.project_id
  region           = var.region
  account          = local.accounts["activity-expire"]
  image            = var.image
  service_audience = module.run_service.audience
  service_uri      = module.run_service.uri
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
  database                  = module.event_store.database
  dead_letter_subscriptions = concat([module.poke_topic.dead_letter_subscription, module.events_topic.dead_letter_subscription], module.inbox_topic[*].dead_letter_subscription)
  expire_job                = one(module.expire[*].name)
  function                  = module.mirror.name
  mirror_subscription       = module.mirror.subscription
  notification_emails       = var.notification_emails
  runbook_url               = var.runbook_url
  service                   = module.run_service.name
  service_uri               = module.run_service.uri
  uptime_check              = var.uptime_check
}
