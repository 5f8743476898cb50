provider "google" {
  project = var.project_id
  region  = var.region
  # Budgets are asked for in the name of a project.
  billing_project       = var.project_id
  user_project_override = true

  default_labels = {
    app         = "activity-events"
    environment = "prod"
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

  backup_retention_days = 98
  deletion_protection   = true
  events_retention_days = 31

  # Two instances, so that the end of one is none of the service.
  mirror_instances = { min = 1, max = 50 }
  run_service = {
    cpu_idle  = false
    instances = { min = 2, max = 20 }
    memory    = "1Gi"
  }
}
