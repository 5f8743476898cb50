variable "analytics" {
  description = "Whether the events are written to BigQuery, too. terraform/bootstrap must have been applied with the same."
  type        = bool
  default     = false
}

variable "analytics_readers" {
  description = "Who reads the events in BigQuery: the IAM member by a name for it."
  type        = map(string)
  default     = {}
}

variable "budget" {
  description = "What a month may cost before mails are sent, in whole units of the billing account's currency. None when null."
  type        = object({ billing_account = string, amount = number, currency = string })
  default     = null
}

variable "forwards" {
  description = "Targets that are told the events of all deployments, by a name for each: to, secrets and flags, see docs/forwarding.md. terraform/bootstrap must know the secrets."
  type = map(object({
    flags   = optional(list(string), [])
    secrets = optional(map(object({ secret = string, version = string })), {})
    to      = string
  }))
  default = {}
}

variable "image" {
  description = "Image of the service's first revision, by its digest; the roll-out sets those that follow."
  type        = string
}

variable "invokers" {
  description = "Who may call the service, beside the account that rolls out: the IAM member by a name for it."
  type        = map(string)
  default     = {}
}

variable "mirror_archive" {
  description = "The zip that `npm run package-mirror` wrote, as an absolute path or from this folder."
  type        = string
  default     = "../../../dist/mirror.zip"
}

variable "no_older_instances" {
  description = "Your word that no revision of a version without purge serves, nor will again: it would start a purged deployment anew. retention_days needs it."
  type        = bool
  default     = false
}

variable "notification_emails" {
  description = "Who is told of alerts and of the budget."
  type        = list(string)
  default     = []
}

variable "page_viewers" {
  description = "Who may open the page: the IAM member by a name for it. No page when null. IAP's agent must exist: see docs/deploying.md."
  type        = map(string)
  default     = null
}

variable "project_id" {
  description = "Project that holds this environment and no other."
  type        = string
}

variable "region" {
  description = "Region of everything. It cannot be changed later: the database stays where it is."
  type        = string
  default     = "europe-west1"
}

variable "retention_days" {
  description = "Days for which deployments are kept after their last event, by environment, with * for all others: what is over is purged for good, daily. For ever when empty. It needs no_older_instances and an admin in access.yaml: see docs/retention.md."
  type        = map(number)
  default     = {}
}

variable "runbook_url" {
  description = "Where docs/runbook.md of this repository can be read; each alert links to its section."
  type        = string
  default     = "docs/runbook.md"
}

variable "uptime_check" {
  description = "Whether Cloud Monitoring calls the service from outside every five minutes. Its agent must exist: see terraform/README.md."
  type        = bool
  default     = false
}

variable "webhooks" {
  description = "The webhooks: workflows of GitHub that are deployments, the secrets of the routes that are on, and Google's topics with their routes; see docs/deploying.md. None when null. terraform/bootstrap must know the secrets."
  type = object({
    github_workflows = optional(list(string), [])
    secrets          = optional(map(object({ secret = string, version = string })), {})
    topics           = optional(map(string), {})
  })
  default = null
}
