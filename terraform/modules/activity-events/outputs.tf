output "audience" {
  description = "Audience of the ID tokens that callers of the service send."
  value       = module.run_service.audience
}

output "events_topic" {
  description = "Topic of the mirrored events, for subscribers."
  value       = module.events_topic.name
}

output "service" {
  description = "Name of the service on Cloud Run."
  value       = module.run_service.name
}

output "uri" {
  description = "Address of the service."
  value       = module.run_service.uri
}
