variable "dead_letter_topic_id" {
  description = "Full id of the topic for messages that BigQuery does not take."
  type        = string
}

variable "deletion_protection" {
  description = "Whether the table is protected against deletion."
  type        = bool
}

variable "events_topic" {
  description = "Name of the topic of the mirrored events."
  type        = string
}

variable "project_id" {
  description = "Project that holds the dataset and the topic."
  type        = string
}

variable "pubsub_agent" {
  description = "IAM member of the project's Pub/Sub service agent."
  type        = string
}

variable "readers" {
  description = "Who reads the dataset: the IAM member by a name for it."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "region" {
  description = "Region of the dataset."
  type        = string
}

variable "retention_days" {
  description = "Days for which the table keeps events; 0 for ever. Deployments whose first events are gone are folded from what is left."
  type        = number
  default     = 0
  nullable    = false

  validation {
    condition     = var.retention_days >= 0 && floor(var.retention_days) == var.retention_days
    error_message = "retention_days must be an integer from 0; found ${var.retention_days}."
  }
}
