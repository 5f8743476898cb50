variable "availability_goal" {
  description = "Share of the calls that must be answered, over 28 days."
  type        = number
  default     = 0.995
  nullable    = false

  validation {
    condition     = var.availability_goal >= 0.9 && var.availability_goal < 1
    error_message = "availability_goal must be a share from 0.9 to below 1, such as 0.995; found ${var.availability_goal}."
  }
}

variable "budget" {
  description = "What a month may cost before mails are sent, in whole units of the billing account's currency. None when null."
  type        = object({ billing_account = string, amount = number, currency = string })
  default     = null

  validation {
    condition     = var.budget == null || can(regex("^[0-9A-F]{6}-[0-9A-F]{6}-[0-9A-F]{6}$", var.budget.billing_account))
    error_message = "budget.billing_account must look like 012345-6789AB-CDEF01."
  }

  validation {
    condition     = var.budget == null || try(var.budget.amount >= 1 && floor(var.budget.amount) == var.budget.amount, false)
    error_message = "budget.amount must be an integer from 1."
  }
}

variable "database" {
  description = "Name of the Firestore database, whose backups are watched."
  type        = string
}

variable "dead_letter_subscriptions" {
  description = "Names of the subscriptions that keep dead letters."
  type        = list(string)
}

variable "denials_max" {
  description = "Calls in 5 minutes that are denied, or that do not prove who makes them, above which somebody is told."
  type        = number
  default     = 100
  nullable    = false

  validation {
    condition     = var.denials_max >= 0
    error_message = "denials_max must be 0 or more; found ${var.denials_max}."
  }
}

variable "error_share_calls_min" {
  description = "Calls in 5 minutes up to which a share of failed ones tells nobody."
  type        = number
  default     = 20
  nullable    = false

  validation {
    condition     = var.error_share_calls_min >= 0
    error_message = "error_share_calls_min must be 0 or more; found ${var.error_share_calls_min}."
  }
}

variable "error_share_max_percent" {
  description = "Share of failed calls, over five minutes, above which somebody is told."
  type        = number
  default     = 1
  nullable    = false

  validation {
    condition     = var.error_share_max_percent > 0 && var.error_share_max_percent < 100
    error_message = "error_share_max_percent must be between 0 and 100; found ${var.error_share_max_percent}."
  }
}

variable "expire_job" {
  description = "Name of the job that purges what is over; null without one."
  type        = string
  default     = null
}

variable "function" {
  description = "Name of the mirror's function."
  type        = string
}

variable "latency_max_ms" {
  description = "Duration of a call, at the 99th percentile, above which somebody is told."
  type        = number
  default     = 1000
  nullable    = false

  validation {
    condition     = var.latency_max_ms >= 1
    error_message = "latency_max_ms must be a time from 1 ms; found ${var.latency_max_ms}."
  }
}

variable "mirror_lag_max_seconds" {
  description = "Time from the recording of an event to its publication above which somebody is told."
  type        = number
  default     = 60
  nullable    = false

  validation {
    condition     = var.mirror_lag_max_seconds >= 1
    error_message = "mirror_lag_max_seconds must be a time from 1 s; found ${var.mirror_lag_max_seconds}."
  }
}

variable "mirror_subscription" {
  description = "Name of the subscription that pushes to the mirror."
  type        = string
}

variable "notification_emails" {
  description = "Who is told of alerts and of the budget. Nobody when empty; the alerts are then only seen in the console."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for email in var.notification_emails : can(regex("^[^@\\s]+@[^@\\s]+$", email))])
    error_message = "notification_emails must be addresses such as on-call@example.com."
  }
}

variable "project_id" {
  description = "Project that is watched."
  type        = string
}

variable "project_number" {
  description = "Number of the project, for the budget."
  type        = string
}

variable "region" {
  description = "Region of the service."
  type        = string
}

variable "runbook_url" {
  description = "Where docs/runbook.md can be read."
  type        = string
  default     = "docs/runbook.md"
  nullable    = false
}

variable "service" {
  description = "Name of the service on Cloud Run."
  type        = string
}

variable "service_uri" {
  description = "Address of the service, which the uptime check calls."
  type        = string
}

variable "unacknowledged_max_seconds" {
  description = "Age of the oldest poke above which somebody is told."
  type        = number
  default     = 300
  nullable    = false

  validation {
    condition     = var.unacknowledged_max_seconds >= 1
    error_message = "unacknowledged_max_seconds must be a time from 1 s; found ${var.unacknowledged_max_seconds}."
  }
}

variable "uptime_check" {
  description = "Whether the service is called from outside every five minutes. Cloud Monitoring's agent must exist, and may call the service."
  type        = bool
  default     = false
  nullable    = false
}
