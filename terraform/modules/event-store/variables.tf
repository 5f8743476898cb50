variable "backup_retention_days" {
  description = "Days for which each daily backup is kept."
  type        = number
  default     = 14
  nullable    = false

  validation {
    condition     = var.backup_retention_days >= 1 && var.backup_retention_days <= 98 && floor(var.backup_retention_days) == var.backup_retention_days
    error_message = "backup_retention_days must be an integer from 1 to 98 (Firestore keeps backups for 14 weeks at most); found ${var.backup_retention_days}."
  }
}

variable "deletion_protection" {
  description = "Whether Firestore and Terraform both refuse to delete the database."
  type        = bool
  default     = true
  nullable    = false
}

variable "name" {
  description = "Id of the database."
  type        = string
  default     = "activity-events"
  nullable    = false

  validation {
    condition     = var.name == "(default)" || can(regex("^[a-z][a-z0-9-]{2,61}[a-z0-9]$", var.name))
    error_message = "name must be (default) or 4 to 63 of [a-z0-9-], a letter first and no hyphen last; found \"${var.name}\"."
  }
}

variable "project_id" {
  description = "Project that holds the database."
  type        = string
}

variable "region" {
  description = "Location of the database. It cannot be changed later."
  type        = string
}
