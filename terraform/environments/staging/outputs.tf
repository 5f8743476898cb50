output "audience" {
  description = "Audience of the ID tokens that callers of the service send."
  value       = module.activity_events.audience
}

output "page_uri" {
  description = "Address of the page, null without one."
  value       = module.activity_events.page_uri
}

output "service" {
  description = "Name of the service on Cloud Run."
  value       = module.activity_events.service
}

output "uri" {
  description = "Address of the service."
  value       = module.activity_events.uri
}

output "webhooks_uri" {
  description = "Address of the webhooks, to which a tool adds its route; null without them."
  value       = module.activity_events.webhooks_uri
}
