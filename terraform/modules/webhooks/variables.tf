variable "account" {
  description = "Address of the account that the webhooks run as, which may call the gRPC service and publish to the inbox; terraform/bootstrap makes it."
  type        = string

  validation {
    condition     = can(regex("^[^@:]+@[^@:]+$", var.account))
    error_message = "account must be an account's address, such as activity-webhooks@my-project.iam.gserviceaccount.com; found \"${var.account}\"."
  }
}

variable "concurrency" {
  description = "Requests that one instance serves at a time; each may hold a body of 1 MiB."
  type        = number
  default     = 80
  nullable    = false

  validation {
    condition     = var.concurrency >= 1 && var.concurrency <= 1000 && floor(var.concurrency) == var.concurrency
    error_message = "concurrency must be an integer from 1 to 1000, the most that Cloud Run allows; found ${var.concurrency}."
  }
}

variable "dead_letter_topic_id" {
  description = "Full id of the topic that takes what cannot be delivered."
  type        = string
}

variable "deletion_protection" {
  description = "Whether Terraform refuses to delete the service. The webhooks hold nothing."
  type        = bool
  default     = false
  nullable    = false
}

variable "github_workflows" {
  description = "Workflows of GitHub whose runs are deployments: NAME or NAME=ENVIRONMENT."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for workflow in var.github_workflows : can(regex("^[^,]+$", workflow))])
    error_message = "github_workflows must be names without commas."
  }
}

variable "image" {
  description = "Image of the webhooks, that of the gRPC service, by its digest."
  type        = string

  validation {
    condition     = can(regex("^[^@\\s]+@sha256:[0-9a-f]{64}$", var.image))
    error_message = "image must name a digest, such as europe-west1-docker.pkg.dev/my-project/activity-events/activity-events@sha256:…: a tag can be moved; found \"${var.image}\"."
  }
}

variable "inbox_topic" {
  description = "Name of the topic that keeps verified notifications until they are recorded; the account may publish there."
  type        = string
}

variable "instances_max" {
  description = "Most instances, which bounds what a flood of requests costs; without requests there is none."
  type        = number
  default     = 10
  nullable    = false

  validation {
    condition     = var.instances_max >= 1 && var.instances_max <= 100 && floor(var.instances_max) == var.instances_max
    error_message = "instances_max must be an integer from 1 to 100; found ${var.instances_max}."
  }
}

variable "log_level" {
  description = "Least level of what the webhooks log."
  type        = string
  default     = "info"
  nullable    = false

  validation {
    condition     = contains(["trace", "debug", "info", "warn", "error", "fatal"], var.log_level)
    error_message = "log_level must be trace, debug, info, warn, error or fatal; found \"${var.log_level}\"."
  }
}

variable "memory" {
  description = "Memory of an instance."
  type        = string
  default     = "512Mi"
  nullable    = false

  validation {
    condition     = can(regex("^(512Mi|[1-9][0-9]?Gi)$", var.memory))
    error_message = "memory must be 512Mi or whole gibibytes such as 1Gi; found \"${var.memory}\"."
  }
}

variable "name" {
  description = "Name of the service."
  type        = string
  default     = "activity-webhooks"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,47}[a-z0-9]$", var.name))
    error_message = "name must be 2 to 49 of [a-z0-9-], a letter first and no hyphen last; found \"${var.name}\"."
  }
}

variable "project_id" {
  description = "Project that holds the webhooks."
  type        = string
}

variable "pubsub_agent" {
  description = "IAM member of the project's Pub/Sub service agent."
  type        = string
}

variable "push_account" {
  description = "Address of the account as which Pub/Sub pushes; it needs no role. terraform/bootstrap makes it."
  type        = string

  validation {
    condition     = can(regex("^[^@:]+@[^@:]+$", var.push_account))
    error_message = "push_account must be an account's address, such as activity-webhooks-push@my-project.iam.gserviceaccount.com; found \"${var.push_account}\"."
  }
}

variable "region" {
  description = "Region of the webhooks."
  type        = string
}

variable "secrets" {
  description = "What senders prove themselves by, in Secret Manager: the secret and its version by the name of the setting. A route without its secret is off. The account may read the secrets that terraform/bootstrap was given."
  type        = map(object({ secret = string, version = string }))
  default     = {}
  nullable    = false

  validation {
    condition     = length(setsubtract(keys(var.secrets), ["WEBHOOKS_GITHUB_SECRET", "WEBHOOKS_GITLAB_TOKEN", "WEBHOOKS_TOKEN"])) == 0
    error_message = "secrets must be of WEBHOOKS_GITHUB_SECRET, WEBHOOKS_GITLAB_TOKEN and WEBHOOKS_TOKEN; found ${join(", ", keys(var.secrets))}."
  }

  validation {
    condition     = alltrue([for secret in values(var.secrets) : can(regex("^[1-9][0-9]*$", secret.version))])
    error_message = "secrets must name versions by number: with \"latest\" two instances of one revision may read two values."
  }
}

variable "service_audience" {
  description = "Audience of the ID tokens with which the webhooks call the gRPC service."
  type        = string
}

variable "service_uri" {
  description = "Address of the gRPC service."
  type        = string

  validation {
    condition     = !startswith(var.service_uri, "http://")
    error_message = "service_uri must not be http://…: the token would pass in plain text; found \"${var.service_uri}\"."
  }
}

variable "topics" {
  description = "Topics of Google Cloud that are pushed to the webhooks, each with its route. They must exist."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for route in values(var.topics) : contains(["cloud-build", "cloud-deploy", "cloud-monitoring"], route)])
    error_message = "topics must lead to cloud-build, cloud-deploy or cloud-monitoring; found ${join(", ", values(var.topics))}."
  }
}
