variable "analytics" {
  description = "Whether the environment writes events to BigQuery, too."
  type        = bool
  default     = false
  nullable    = false
}

variable "forward_secrets" {
  description = "Secrets of Secret Manager that what forwards may read: addresses and tokens of targets."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "project_id" {
  description = "Project of one environment."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project_id))
    error_message = "project_id must be a project's id: 6 to 30 of [a-z0-9-], a letter first and no hyphen last; found \"${var.project_id}\"."
  }
}

variable "region" {
  description = "Region of the bucket and the images."
  type        = string
  default     = "europe-west1"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]{1,2}$", var.region))
    error_message = "region must be one region such as europe-west1, not a zone and not a continent; found \"${var.region}\"."
  }
}

variable "secrets" {
  description = "Secrets of Secret Manager that the service may read."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "webhook_secrets" {
  description = "Secrets of Secret Manager that the webhooks may read: what senders prove themselves by."
  type        = set(string)
  default     = []
  nullable    = false
}
