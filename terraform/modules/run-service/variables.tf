variable "access_file" {
  description = "Secret whose latest version is the access file, ACCESS_FILE, and whether that trusts the tokens that IAM has verified (issuer cloud-run). A new version is in force within seconds. Whoever IAM lets in may do everything when null."
  type        = object({ secret = string, trusts_iam = bool })
  default     = null
}

variable "account" {
  description = "Address of the account that the service runs as; terraform/bootstrap makes it."
  type        = string

  validation {
    condition     = can(regex("^[^@:]+@[^@:]+$", var.account))
    error_message = "account must be an account's address, such as activity-events@my-project.iam.gserviceaccount.com; found \"${var.account}\"."
  }
}

variable "audience" {
  description = "Audience of the ID tokens that callers send, beside the service's own address. One for each environment: a token for one must be none for another."
  type        = string

  validation {
    condition     = can(regex("^https://[a-z0-9.-]+$", var.audience))
    error_message = "audience must look like https://activity-events.my-project, without a path; found \"${var.audience}\"."
  }
}

variable "concurrency" {
  description = "Requests that one instance serves at a time; an open stream is one."
  type        = number
  default     = 500
  nullable    = false

  validation {
    condition     = var.concurrency >= 1 && var.concurrency <= 1000 && floor(var.concurrency) == var.concurrency
    error_message = "concurrency must be an integer from 1 to 1000, the most that Cloud Run allows; found ${var.concurrency}."
  }
}

variable "config_secret" {
  description = "Secret whose content is the settings' file, CONFIG_FILE: with the version \"latest\" the service takes over a new version within seconds, with a number a change is a new revision. No file when null."
  type        = object({ secret = string, version = string })
  default     = null

  validation {
    condition     = var.config_secret == null || can(regex("^(latest|[1-9][0-9]*)$", var.config_secret.version))
    error_message = "config_secret.version must be latest or a number; found \"${try(var.config_secret.version, "")}\"."
  }
}

variable "cpu" {
  description = "CPUs of an instance."
  type        = string
  default     = "1"
  nullable    = false

  validation {
    condition     = contains(["1", "2", "4", "8"], var.cpu)
    error_message = "cpu must be 1, 2, 4 or 8: with less than one CPU Cloud Run serves one request at a time; found \"${var.cpu}\"."
  }
}

variable "cpu_idle" {
  description = "Whether the CPU is taken away between requests: cheaper, but a poke that goes out after the answer may wait for the sweep."
  type        = bool
}

variable "deletion_protection" {
  description = "Whether Terraform refuses to delete the service."
  type        = bool
  default     = true
  nullable    = false
}

variable "image" {
  description = "Image of the first revision, by its digest; the roll-out sets those that follow."
  type        = string

  validation {
    condition     = can(regex("^[^@\\s]+@sha256:[0-9a-f]{64}$", var.image))
    error_message = "image must name a digest, such as europe-west1-docker.pkg.dev/my-project/activity-events/activity-events@sha256:…: a tag can be moved; found \"${var.image}\"."
  }
}

variable "ingress" {
  description = "From where the service can be reached."
  type        = string
  default     = "INGRESS_TRAFFIC_ALL"
  nullable    = false

  validation {
    condition     = contains(["INGRESS_TRAFFIC_ALL", "INGRESS_TRAFFIC_INTERNAL_ONLY", "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER"], var.ingress)
    error_message = "ingress must be INGRESS_TRAFFIC_ALL, INGRESS_TRAFFIC_INTERNAL_ONLY or INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER; found \"${var.ingress}\"."
  }
}

variable "instances" {
  description = "Least and most instances."
  type        = object({ min = number, max = number })

  validation {
    condition     = var.instances.min >= 0 && var.instances.max >= 1 && var.instances.min <= var.instances.max && var.instances.max <= 100
    error_message = "instances must be 0 <= min <= max and 1 <= max <= 100; found min ${var.instances.min} and max ${var.instances.max}."
  }
}

variable "invokers" {
  description = "Who may call the service: the IAM member by a name for it. Nobody when empty."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for member in values(var.invokers) : can(regex("^(user|group|serviceAccount|principal|principalSet):", member))])
    error_message = "invokers must be members such as user:ada@example.com, group:…, serviceAccount:…: the service is never open to allUsers or allAuthenticatedUsers."
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
  description = "Name of the service and of its account."
  type        = string
  default     = "activity-events"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.name))
    error_message = "name must be 6 to 30 of [a-z0-9-], a letter first and no hyphen last, since the account has it too; found \"${var.name}\"."
  }
}

variable "project_id" {
  description = "Project that holds the service."
  type        = string
}

variable "region" {
  description = "Region of the service."
  type        = string
}

variable "secrets" {
  description = "Settings whose values are in Secret Manager: the secret and its version by the name of the environment variable."
  type        = map(object({ secret = string, version = string }))
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for secret in values(var.secrets) : can(regex("^[1-9][0-9]*$", secret.version))])
    error_message = "secrets must name versions by number: with \"latest\" two instances of one revision may read two values."
  }
}

variable "settings" {
  description = "Environment variables of the service."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = length(setintersection(["ACCESS_FILE", "CONFIG_FILE", "PORT"], keys(var.settings))) == 0
    error_message = "settings must hold neither PORT, which Cloud Run sets to the container's port, nor ACCESS_FILE and CONFIG_FILE, which access_file and config_secret set."
  }
}

variable "timeout_seconds" {
  description = "Time after which Cloud Run ends a request; a stream is one."
  type        = number
  default     = 3600
  nullable    = false

  validation {
    condition     = var.timeout_seconds >= 1 && var.timeout_seconds <= 3600 && floor(var.timeout_seconds) == var.timeout_seconds
    error_message = "timeout_seconds must be an integer from 1 to 3600, the most that Cloud Run allows; found ${var.timeout_seconds}."
  }
}
