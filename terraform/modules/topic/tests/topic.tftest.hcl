mock_provider "google" {
  source = "../../test/mocks"
}

variables {
  allowed_regions = ["europe-west1"]
  name            = "deployment-events"
  project_id      = "my-project"
  publishers      = { mirror = "serviceAccount:mirror@my-project.iam.gserviceaccount.com" }
  pubsub_agent    = "serviceAccount:service-1@gcp-sa-pubsub.iam.gserviceaccount.com"
  retention_days  = 7
}

run "keeps_messages_where_and_as_long_as_is_said" {
  command = plan

  assert {
    condition     = google_pubsub_topic.main.message_retention_duration == "604800s"
    error_message = "The topic does not keep its messages for seven days."
  }

  assert {
    condition = alltrue([
      for topic in [google_pubsub_topic.main, google_pubsub_topic.dead_letter] :
      tolist(topic.message_storage_policy[0].allowed_persistence_regions) == tolist(["europe-west1"])
    ])
    error_message = "Messages may rest in other regions."
  }
}

run "loses_no_dead_letter" {
  command = plan

  assert {
    condition     = google_pubsub_subscription.dead_letter.topic == "deployment-events-dead-letter" && google_pubsub_subscription.dead_letter.expiration_policy[0].ttl == ""
    error_message = "The dead letters have no subscription that stays."
  }

  assert {
    condition     = google_pubsub_topic_iam_member.dead_letter_publisher.member == var.pubsub_agent && google_pubsub_topic_iam_member.dead_letter_publisher.topic == "deployment-events-dead-letter" && google_pubsub_topic_iam_member.dead_letter_publisher.role == "roles/pubsub.publisher"
    error_message = "Pub/Sub's agent may not publish the dead letters."
  }
}

run "lets_only_its_publishers_publish" {
  command = plan

  assert {
    condition     = { for name, binding in google_pubsub_topic_iam_member.publisher : name => "${binding.role} ${binding.topic} ${binding.member}" } == { mirror = "roles/pubsub.publisher deployment-events serviceAccount:mirror@my-project.iam.gserviceaccount.com" }
    error_message = "Others than the mirror publish, or more is given than to publish."
  }
}

run "keeps_nothing_where_nothing_is_said" {
  command = plan

  variables {
    retention_days = 0
  }

  assert {
    condition     = google_pubsub_topic.main.message_retention_duration == null
    error_message = "The topic keeps messages although no retention is asked for."
  }
}

run "applies" {
  assert {
    condition     = output.dead_letter_topic_id == "projects/my-project/topics/deployment-events-dead-letter"
    error_message = "The dead letters go elsewhere."
  }
}

run "refuses_wrong_values" {
  command = plan

  variables {
    allowed_regions = []
    name            = "ab"
    retention_days  = 32
  }

  expect_failures = [
    var.allowed_regions,
    var.name,
    var.retention_days,
  ]
}
