output "alerts" {
  description = "Names of the alerts, each a section of docs/runbook.md."
  value       = sort(keys(local.documentation))
}
