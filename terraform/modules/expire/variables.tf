variable "account" {
  description = "Address of the account that it runs as, which may call the gRPC service and has the role admin there; it also starts the job. terraform/bootstrap makes it."
  type        = string

  validation {
    condition     = can(regex("^[^@:]+@[^@:]+$", var.account))
    error_message = "account must be an account's address, such as activity-expire@my-project.iam.gserviceaccount.com; found \"${var.account}\"."
  }
}

variable "image" {
  description = "Image with the client, that of the gRPC service, by its digest."
  type        = string

  validation {
    condition     = can(regex("^[^@\\s]+@sha256:[0-9a-f]{64}$", var.image))
    error_message = "image must name a digest, such as europe-west1-docker.pkg.dev/my-project/activity-events/activity-events@sha256:…: a tag can be moved; found \"${var.image}\"."
  }
}

variable "project_id" {
  description = "Project that holds the job."
  type        = string
}

variable "region" {
  description = "Region of the job."
  type        = string
}

variable "schedule" {
  description = "When it runs, in UTC, as a line of cron; once a day."
  type        = string
  default     = "17 3 * * *"
  nullable    = false

  validation {
    condition     = can(regex("^[0-5]?[0-9] ([01]?[0-9]|2[0-3]) \\* \\* \\*$", var.schedule))
    error_message = "schedule must be one time of each day, such as \"17 3 * * *\"; found \"${var.schedule}\"."
  }
}

variable "service_audience" {
  description = "Audience of the ID tokens with which it calls the gRPC service."
  type        = string
}

variable "service_uri" {
  description = "Address of the gRPC service, https://HOST."
  type        = string

  validation {
    condition     = can(regex("^(https://)?[^/:]+$", var.service_uri))
    error_message = "service_uri must be https://HOST; found \"${var.service_uri}\"."
  }
}
