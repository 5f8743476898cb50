variable "budget" {
  description = "What a month may cost before mails are sent, in whole units of the billing account's currency. None when null."
  type        = object({ billing_account = string, amount = number, currency = string })
  default     = null
}

variable "image" {
  description = "Image of the service's first revision, by its digest; the roll-out sets those that follow."
  type        = string
}

variable "invokers" {
  description = "Who may call the service, beside the account that rolls out: the IAM member by a name for it."
  type        = map(string)
  default     = {}
}

variable "mirror_archive" {
  description = "The zip that `npm run package-mirror` wrote, as an absolute path or from this folder."
  type        = string
  default     = "../../../dist/mirror.zip"
}

variable "notification_emails" {
  description = "Who is told of alerts and of the budget."
  type        = list(string)
  default     = []
}

variable "project_id" {
  description = "Project that holds this environment and no other."
  type        = string
}

variable "region" {
  description = "Region of everything. It cannot be changed later: the database stays where it is."
  type        = string
  default     = "europe-west1"
}

variable "runbook_url" {
  description = "Where docs/runbook.md of this repository can be read; each alert links to its section."
  type        = string
  default     = "docs/runbook.md"
}
