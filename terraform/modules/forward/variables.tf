variable "account" {
  description = "Address of the account that it runs as, which may call the gRPC service and write the bucket; terraform/bootstrap makes it."
  type        = string

  validation {
    condition     = can(regex("^[^@:]+@[^@:]+$", var.account))
    error_message = "account must be an account's address, such as activity-forward@my-project.iam.gserviceaccount.com; found \"${var.account}\"."
  }
}

variable "bucket" {
  description = "Bucket that keeps how far each target was told; terraform/bootstrap makes it."
  type        = string
}

variable "flags" {
  description = "Further flags of `activity_client forward`, such as --type-prefix and its value: see docs/forwarding.md."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for flag in var.flags : !can(regex("^--(to|cursor|url|address|no-follow)(=|$)", flag))])
    error_message = "flags must hold none of --to, --cursor, --url, --address and --no-follow: the module sets the first two and the address, and a URL is a secret."
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

variable "memory" {
  description = "Memory of the instance."
  type        = string
  default     = "512Mi"
  nullable    = false

  validation {
    condition     = can(regex("^(512Mi|[1-9][0-9]?Gi)$", var.memory))
    error_message = "memory must be 512Mi or whole gibibytes such as 1Gi; found \"${var.memory}\"."
  }
}

variable "name" {
  description = "Name of the target, which names the pool and its cursor."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,29}[a-z0-9]$", var.name))
    error_message = "name must be 2 to 31 of [a-z0-9-], a letter first and no hyphen last; found \"${var.name}\"."
  }
}

variable "project_id" {
  description = "Project that holds the pool."
  type        = string
}

variable "region" {
  description = "Region of the pool and the bucket."
  type        = string
}

variable "secrets" {
  description = "Address and secrets of the target in Secret Manager: the secret and its version by the name of the setting. The account may read the secrets that terraform/bootstrap was given."
  type        = map(object({ secret = string, version = string }))
  default     = {}
  nullable    = false

  validation {
    condition     = length(setsubtract(keys(var.secrets), ["FORWARD_SECRET", "FORWARD_TOKEN", "FORWARD_URL"])) == 0
    error_message = "secrets must be of FORWARD_SECRET, FORWARD_TOKEN and FORWARD_URL; found ${join(", ", keys(var.secrets))}."
  }

  validation {
    condition     = alltrue([for secret in values(var.secrets) : can(regex("^[1-9][0-9]*$", secret.version))])
    error_message = "secrets must name versions by number: with \"latest\" nobody can tell which value is in use."
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

variable "to" {
  description = "Target: an https URL, cloudevents, slack, google-chat or grafana. The last four take their address from FORWARD_URL."
  type        = string

  validation {
    condition     = can(regex("^(https://.+|cloudevents|slack|google-chat|grafana)$", var.to))
    error_message = "to must be an https URL, cloudevents, slack, google-chat or grafana; found \"${var.to}\". For Pub/Sub there is the topic deployment-events."
  }

  validation {
    condition     = startswith(var.to, "https://") || contains(keys(var.secrets), "FORWARD_URL")
    error_message = "to ${var.to} needs the secret FORWARD_URL, the address of the target."
  }
}
