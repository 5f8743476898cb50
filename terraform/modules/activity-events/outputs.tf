output "audience" {
  description = "Audience of the ID tokens that callers of the service send."
  value       = module.run_service.audience
}

output "events_topic" {
  description = "Topic of the mirrored events, for subscribers."
  value       = module.events_topic.name
}

output "page_uri" {
  description = "Address of the page, null without one."
  value       = one(module.metrics_service[*].uri)
}

output "service" {
  description = "Name of the service on Cloud Run."
  value       = module.run_service.name
}

output "uri" {
  description = "Address of the service."
  value       = module.run_service.uri
}

output "webhooks_uri" {
  description = "Address of the webhooks, to which a tool adds its route; null without them."
  value       = one(module.webhooks[*].uri)
}
