variable "access_file" {
  description = "Content of the access file: who may do what, see docs/access.md. Whoever IAM lets in may do everything when null."
  type        = string
  default     = null

  validation {
    condition     = var.access_file == null || can(length(yamldecode(var.access_file).bindings))
    error_message = "access_file must be the content of an access file, YAML with bindings, and no path."
  }

  validation {
    # What the service itself refuses here is refused before anything is made.
    condition     = !anytrue([for issuer in try(yamldecode(var.access_file).issuers, []) : can(issuer.keys_file)])
    error_message = "access_file must not name a keys_file: on Cloud Run there is no file beside it."
  }
}

variable "analytics" {
  description = "Whether the events are written to BigQuery, too."
  type        = bool
  default     = false
  nullable    = false
}

variable "analytics_readers" {
  description = "Who reads the events in BigQuery: the IAM member by a name for it."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "backup_retention_days" {
  description = "Days for which each daily backup of the events is kept."
  type        = number
}

variable "budget" {
  description = "What a month may cost before mails are sent, in whole units of the billing account's currency. None when null."
  type        = object({ billing_account = string, amount = number, currency = string })
  default     = null
}

variable "config_secret" {
  description = "Secret whose content is the settings' file of the service, which then decides the log's level and the times of streams: see its module. The service may read the secrets that terraform/bootstrap was given."
  type        = object({ secret = string, version = string })
  default     = null
}

variable "deletion_protection" {
  description = "Whether the database and the service are protected against deletion."
  type        = bool
}

variable "events_retention_days" {
  description = "Days for which the topic keeps the mirrored events, so that a subscriber can go back."
  type        = number
}

variable "forwards" {
  description = "Targets that are told the events of all deployments, by a name for each: see the module forward. terraform/bootstrap must know their secrets."
  type = map(object({
    flags   = optional(list(string), [])
    secrets = optional(map(object({ secret = string, version = string })), {})
    to      = string
  }))
  default  = {}
  nullable = false
}

variable "image" {
  description = "Image of the service's first revision, by its digest; the roll-out sets those that follow."
  type        = string
}

variable "invokers" {
  description = "Who may call the service, beside the account that rolls out: the IAM member by a name for it."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "log_level" {
  description = "Least level of what the service and the mirror log."
  type        = string
  default     = "info"
  nullable    = false

  validation {
    # Above info there are no lines of calls, runs and sweeps to count.
    condition     = contains(["trace", "debug", "info"], var.log_level)
    error_message = "log_level must be trace, debug or info: the metrics and alerts are counted from lines of level info; found \"${var.log_level}\"."
  }
}

variable "mirror_archive" {
  description = "The zip that `npm run package-mirror` wrote."
  type        = string
}

variable "mirror_instances" {
  description = "Least and most instances of the mirror."
  type        = object({ min = number, max = number })
}

variable "mirror_run_events_max" {
  description = "Events that one run of the mirror publishes at most before it pokes for the next one."
  type        = number
  default     = 1000
  nullable    = false

  validation {
    condition     = var.mirror_run_events_max >= 1 && floor(var.mirror_run_events_max) == var.mirror_run_events_max
    error_message = "mirror_run_events_max must be an integer from 1; found ${var.mirror_run_events_max}."
  }
}

variable "no_older_instances" {
  description = "Your word that no revision of a version without purge serves, nor will again: it would start a purged deployment anew. retention_days needs it."
  type        = bool
  default     = false
  nullable    = false
}

variable "notification_emails" {
  description = "Who is told of alerts and of the budget."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "page_viewers" {
  description = "Who may open the page: the IAM member by a name for it. No page when null."
  type        = map(string)
  default     = null
}

variable "project_id" {
  description = "Project that holds the system; one for each environment."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project_id))
    error_message = "project_id must be a project's id: 6 to 30 of [a-z0-9-], a letter first and no hyphen last; found \"${var.project_id}\"."
  }
}

variable "region" {
  description = "Region of everything."
  type        = string
  default     = "europe-west1"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]{1,2}$", var.region))
    error_message = "region must be one region such as europe-west1, not a zone and not a continent; found \"${var.region}\"."
  }
}

variable "retention_days" {
  description = "Days for which deployments are kept after their last event, by environment, with * for all others: what is over is purged for good, daily. For ever when empty. See docs/retention.md."
  type        = map(number)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for days in values(var.retention_days) : days >= 1 && days <= 36500 && floor(days) == days])
    error_message = "retention_days must be whole days from 1 to 36500 for each environment; to keep one for ever leave it out. Found ${jsonencode(var.retention_days)}."
  }

  validation {
    condition     = alltrue([for environment in keys(var.retention_days) : trimspace(environment) == environment && environment != "" && !strcontains(environment, ",")])
    error_message = "retention_days must name environments without commas and without spaces around them, or * for all others; found ${jsonencode(keys(var.retention_days))}."
  }

  validation {
    condition     = length(var.retention_days) == 0 || var.no_older_instances
    error_message = "retention_days purges, so it needs no_older_instances = true: your word that no revision of a version without purge serves, nor will again, since it would start a purged deployment anew. Roll out the version with purge first."
  }

  validation {
    condition     = length(var.retention_days) == 0 || length(setintersection([local.expire_member, "allAuthenticated"], local.access_admins)) > 0
    error_message = "retention_days needs an access.yaml with a binding of the role admin on all deployments that has the member \"${local.expire_member}\", which purges; see docs/retention.md."
  }
}

variable "run_service" {
  description = "Sizes of the service: see its module for what each means."
  type = object({
    concurrency = optional(number, 500)
    cpu         = optional(string, "1")
    cpu_idle    = bool
    instances   = object({ min = number, max = number })
    memory      = optional(string, "512Mi")
  })
}

variable "runbook_url" {
  description = "Where docs/runbook.md can be read; alerts link to it."
  type        = string
  default     = "docs/runbook.md"
  nullable    = false
}

variable "secrets" {
  description = "Settings of the service whose values are in Secret Manager: the secret and its version by the name of the environment variable. The service may read the secrets that terraform/bootstrap was given."
  type        = map(object({ secret = string, version = string }))
  default     = {}
  nullable    = false
}

variable "uptime_check" {
  description = "Whether Cloud Monitoring calls the service from outside every five minutes. Its agent must exist."
  type        = bool
  default     = false
  nullable    = false
}

variable "webhooks" {
  description = "The webhooks: workflows of GitHub that are deployments, what senders prove themselves by, and Google's topics with their routes; see the module webhooks. None when null. terraform/bootstrap must know their secrets."
  type = object({
    github_workflows = optional(list(string), [])
    secrets          = optional(map(object({ secret = string, version = string })), {})
    topics           = optional(map(string), {})
  })
  default = null
}
