variable "allowed_regions" {
  description = "Regions in which Pub/Sub may keep the messages. Messages of one key are ordered only within one."
  type        = list(string)

  validation {
    condition     = length(var.allowed_regions) > 0
    error_message = "allowed_regions must name at least one region: without one Pub/Sub keeps messages anywhere."
  }
}

variable "name" {
  description = "Name of the topic; its dead letters are called the same with -dead-letter."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,99}$", var.name))
    error_message = "name must be 3 to 100 of [a-z0-9-], a letter first; found \"${var.name}\"."
  }
}

variable "project_id" {
  description = "Project that holds the topic."
  type        = string
}

variable "publishers" {
  description = "Who publishes: the IAM member by the name of its workload."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "pubsub_agent" {
  description = "IAM member of the project's Pub/Sub service agent."
  type        = string
}

variable "retention_days" {
  description = "Days for which the topic keeps what was published, so that a subscriber can go back; 0 for none."
  type        = number
  default     = 0
  nullable    = false

  validation {
    condition     = var.retention_days >= 0 && var.retention_days <= 31 && floor(var.retention_days) == var.retention_days
    error_message = "retention_days must be an integer from 0 to 31, the most that Pub/Sub keeps; found ${var.retention_days}."
  }
}
