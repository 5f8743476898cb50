variable "access_secret" {
  description = "Secret whose latest version is the access file of the service, by which each viewer sees what he may read. Viewers see everything when null."
  type        = string
  default     = null
}

variable "account" {
  description = "Address of the account that the page runs as, which may call the gRPC service and nothing else; terraform/bootstrap makes it."
  type        = string

  validation {
    condition     = can(regex("^[^@:]+@[^@:]+$", var.account))
    error_message = "account must be an account's address, such as activity-page@my-project.iam.gserviceaccount.com; found \"${var.account}\"."
  }
}

variable "concurrency" {
  description = "Requests that one instance serves at a time; an open socket is one."
  type        = number
  default     = 500
  nullable    = false

  validation {
    condition     = var.concurrency >= 1 && var.concurrency <= 1000 && floor(var.concurrency) == var.concurrency
    error_message = "concurrency must be an integer from 1 to 1000, the most that Cloud Run allows; found ${var.concurrency}."
  }
}

variable "deletion_protection" {
  description = "Whether Terraform refuses to delete the service. The page holds nothing."
  type        = bool
  default     = false
  nullable    = false
}

variable "image" {
  description = "Image of the page, that of the gRPC service, by its digest."
  type        = string

  validation {
    condition     = can(regex("^[^@\\s]+@sha256:[0-9a-f]{64}$", var.image))
    error_message = "image must name a digest, such as europe-west1-docker.pkg.dev/my-project/activity-events/activity-events@sha256:…: a tag can be moved; found \"${var.image}\"."
  }
}

variable "ingress" {
  description = "From where the page can be reached."
  type        = string
  default     = "INGRESS_TRAFFIC_ALL"
  nullable    = false

  validation {
    condition     = contains(["INGRESS_TRAFFIC_ALL", "INGRESS_TRAFFIC_INTERNAL_ONLY", "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER"], var.ingress)
    error_message = "ingress must be INGRESS_TRAFFIC_ALL, INGRESS_TRAFFIC_INTERNAL_ONLY or INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER; found \"${var.ingress}\"."
  }
}

variable "instances_max" {
  description = "Most instances. Each holds the heads of all deployments while somebody looks; without viewers there is none."
  type        = number
  default     = 3
  nullable    = false

  validation {
    condition     = var.instances_max >= 1 && var.instances_max <= 100 && floor(var.instances_max) == var.instances_max
    error_message = "instances_max must be an integer from 1 to 100; found ${var.instances_max}."
  }
}

variable "log_level" {
  description = "Least level of what the page logs."
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
  default     = "activity-page"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,47}[a-z0-9]$", var.name))
    error_message = "name must be 2 to 49 of [a-z0-9-], a letter first and no hyphen last; found \"${var.name}\"."
  }
}

variable "project_id" {
  description = "Project that holds the page."
  type        = string
}

variable "project_number" {
  description = "Number of that project, by which IAP names its agent and the page."
  type        = string
}

variable "region" {
  description = "Region of the page."
  type        = string
}

variable "service_audience" {
  description = "Audience of the ID tokens with which the page calls the gRPC service."
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

variable "timeout_seconds" {
  description = "Time after which Cloud Run ends a request; a socket is one, and ends by itself after 900."
  type        = number
  default     = 1200
  nullable    = false

  validation {
    condition     = var.timeout_seconds >= 1 && var.timeout_seconds <= 3600 && floor(var.timeout_seconds) == var.timeout_seconds
    error_message = "timeout_seconds must be an integer from 1 to 3600, the most that Cloud Run allows; found ${var.timeout_seconds}."
  }
}

variable "viewers" {
  description = "Who may open the page: the IAM member by a name for it. Nobody when empty."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for member in values(var.viewers) : can(regex("^(user|group|domain|serviceAccount|principal|principalSet):", member))])
    error_message = "viewers must be members such as user:ada@example.com, group:…, domain:example.com: the page is never open to allUsers or allAuthenticatedUsers."
  }
}
