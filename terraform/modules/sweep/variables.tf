variable "account" {
  description = "Address of the account that publishes; terraform/bootstrap makes it."
  type        = string

  validation {
    condition     = can(regex("^[^@:]+@[^@:]+$", var.account))
    error_message = "account must be an account's address, such as activity-sweep@my-project.iam.gserviceaccount.com; found \"${var.account}\"."
  }
}

variable "poke_topic" {
  description = "Name of the topic on which sweeps are asked for."
  type        = string
}

variable "project_id" {
  description = "Project that holds the job and the topic."
  type        = string
}

variable "pubsub_endpoint" {
  description = "Host of Pub/Sub in the topic's region."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9-]+-pubsub\\.googleapis\\.com$", var.pubsub_endpoint))
    error_message = "pubsub_endpoint must be Pub/Sub's host in one region, such as europe-west1-pubsub.googleapis.com; found \"${var.pubsub_endpoint}\"."
  }
}

variable "region" {
  description = "Region of the job."
  type        = string
}
