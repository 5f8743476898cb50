variable "accounts" {
  description = "Addresses of the accounts that the function runs as, is built as, and is called as by its subscription; terraform/bootstrap makes them."
  type        = object({ run = string, build = string, push = string })

  validation {
    condition     = alltrue([for account in values(var.accounts) : can(regex("^[^@:]+@[^@:]+$", account))])
    error_message = "accounts must be accounts' addresses, such as activity-mirror@my-project.iam.gserviceaccount.com."
  }
}

variable "ack_deadline_seconds" {
  description = "Time that Pub/Sub gives the function to answer a push."
  type        = number
  default     = 600
  nullable    = false

  validation {
    condition     = var.ack_deadline_seconds >= var.timeout_seconds && var.ack_deadline_seconds <= 600
    error_message = "ack_deadline_seconds must be from timeout_seconds (${var.timeout_seconds}) to 600, the most that Pub/Sub gives: else a run that goes on is pushed again; found ${var.ack_deadline_seconds}."
  }
}

variable "archive" {
  description = "The zip that `npm run package-mirror` wrote."
  type        = string

  validation {
    condition     = endswith(var.archive, ".zip") && fileexists(var.archive)
    error_message = "archive must be a zip that is there; found \"${var.archive}\". Write it with: npm run package-mirror"
  }
}

variable "dead_letter_topic_id" {
  description = "Full id of the topic that takes what cannot be delivered."
  type        = string
}

variable "instances" {
  description = "Least and most instances of the function."
  type        = object({ min = number, max = number })

  validation {
    condition     = var.instances.min >= 0 && var.instances.max >= 1 && var.instances.min <= var.instances.max && var.instances.max <= 100
    error_message = "instances must be 0 <= min <= max and 1 <= max <= 100; found min ${var.instances.min} and max ${var.instances.max}."
  }
}

variable "poke_topic" {
  description = "Name of the topic with the pokes and sweeps."
  type        = string
}

variable "project_id" {
  description = "Project that holds the function."
  type        = string
}

variable "pubsub_agent" {
  description = "IAM member of the project's Pub/Sub service agent."
  type        = string
}

variable "region" {
  description = "Region of the function."
  type        = string
}

variable "repository" {
  description = "Repository of Artifact Registry in the same region that takes the function's image."
  type        = string
}

variable "settings" {
  description = "Environment variables of the function."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "source_bucket" {
  description = "Bucket that takes the zip; terraform/bootstrap makes it."
  type        = string
}

variable "timeout_seconds" {
  description = "Time after which the function's run is ended. A run or sweep begins no request after 45 s."
  type        = number
  default     = 120
  nullable    = false

  validation {
    condition     = var.timeout_seconds >= 120 && var.timeout_seconds <= 540 && floor(var.timeout_seconds) == var.timeout_seconds
    error_message = "timeout_seconds must be an integer from 120 to 540: a run takes up to 45 s and what its last request takes; found ${var.timeout_seconds}."
  }
}
