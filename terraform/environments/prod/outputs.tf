output "audience" {
  description = "Audience of the ID tokens that callers of the service send."
  value       = module.activity_events.audience
}

output "service" {
  description = "Name of the service on Cloud Run."
  value       = module.activity_events.service
}

output "uri" {
  description = "Address of the service."
  value       = module.activity_events.uri
}
