provider "google" {
  project = var.project_id
  region  = var.region
  # Budgets are asked for in the name of a project.
  billing_project       = var.project_id
  user_project_override = true

  default_labels = {
    app         = "activity-events"
    environment = "dev"
  }
}

module "activity_events" {
  source = "../../modules/activity-events"

  project_id          = var.project_id
  region              = var.region
  analytics           = var.analytics
  analytics_readers   = var.analytics_readers
  budget              = var.budget
  forwards            = var.forwards
  image               = var.image
  invokers            = var.invokers
  mirror_archive      = var.mirror_archive
  no_older_instances  = var.no_older_instances
  notification_emails = var.notification_emails
  page_viewers        = var.page_viewers
  retention_days      = var.retention_days
  runbook_url         = var.runbook_url
  uptime_check        = var.uptime_check
  webhooks            = var.webhooks

  # A file, so that a build applies it as a hand does: whichever left it out would let everybody in whom IAM lets in.
  access_file = fileexists("${path.module}/access.yaml") ? file("${path.module}/access.yaml") : null

  backup_retention_days = 7
  deletion_protection   = false
  events_retention_days = 1
  log_level             = "debug"

  # Nothing runs, and nothing is paid for, while nobody calls.
  mirror_instances = { min = 0, max = 5 }
  run_service = {
    cpu_idle  = true
    instances = { min = 0, max = 2 }
  }
}
