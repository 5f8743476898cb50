mock_provider "google" {
  source = "../../test/mocks"
}

variables {
  dead_letter_topic_id = "projects/my-project/topics/deployment-events-dead-letter"
  deletion_protection  = true
  events_topic         = "deployment-events"
  project_id           = "my-project"
  pubsub_agent         = "serviceAccount:service-123456789012@gcp-sa-pubsub.iam.gserviceaccount.com"
  region               = "europe-west1"
}

run "lets_pubsub_write_the_table" {
  command = plan

  assert {
    condition     = google_pubsub_subscription.main.bigquery_config[0].table == "my-project.activity_events.events" && google_pubsub_subscription.main.bigquery_config[0].write_metadata && !google_pubsub_subscription.main.bigquery_config[0].use_topic_schema
    error_message = "The subscription does not write messages with their attributes into the table."
  }

  assert {
    condition     = [for column in jsondecode(google_bigquery_table.events.schema) : column.name] == ["subscription_name", "message_id", "publish_time", "data", "attributes"]
    error_message = "The table has other columns than Pub/Sub writes."
  }

  assert {
    condition     = google_bigquery_table_iam_member.writer.role == "roles/bigquery.dataEditor" && google_bigquery_table_iam_member.writer.table_id == "events" && google_bigquery_table_iam_member.writer.member == var.pubsub_agent
    error_message = "Pub/Sub may not write the table, or may write more."
  }

  assert {
    condition     = google_pubsub_subscription.main.expiration_policy[0].ttl == "" && google_pubsub_subscription.main.dead_letter_policy[0].dead_letter_topic == var.dead_letter_topic_id && google_pubsub_subscription_iam_member.dead_letter_subscriber.role == "roles/pubsub.subscriber"
    error_message = "An idle month ends the table, or what BigQuery refuses is lost."
  }
}

run "protects_the_events_alone" {
  command = plan

  assert {
    condition     = google_bigquery_table.events.deletion_protection && !google_bigquery_dataset.main.delete_contents_on_destroy
    error_message = "The events can be deleted."
  }

  assert {
    condition     = alltrue([for view in [google_bigquery_table.deployments, google_bigquery_table.failures, google_bigquery_table.delivery_metrics] : !view.deletion_protection && !view.view[0].use_legacy_sql])
    error_message = "A view cannot be replaced, or is in the old dialect."
  }
}

run "names_in_each_view_what_it_reads" {
  command = plan

  assert {
    condition     = strcontains(google_bigquery_table.deployments.view[0].query, "FROM `my-project.activity_events.events`") && strcontains(google_bigquery_table.failures.view[0].query, "FROM `my-project.activity_events.deployments`") && strcontains(google_bigquery_table.delivery_metrics.view[0].query, "FROM `my-project.activity_events.failures`")
    error_message = "A view reads from elsewhere."
  }
}

run "keeps_events_for_days" {
  command = plan

  variables {
    readers        = { analyst = "group:analysts@example.com" }
    retention_days = 400
  }

  assert {
    condition     = google_bigquery_table.events.time_partitioning[0].expiration_ms == 34560000000
    error_message = "Events expire at another time."
  }

  assert {
    condition     = google_bigquery_dataset_iam_member.reader["analyst"].role == "roles/bigquery.dataViewer"
    error_message = "A reader may do something else."
  }
}

run "applies" {
  variables {
    deletion_protection = false
  }

  assert {
    condition     = output.dataset == "my-project.activity_events" && output.subscription == "deployment-events-bigquery"
    error_message = "The dataset and the subscription have other names than the documents say."
  }
}

run "refuses_half_a_day" {
  command = plan

  variables {
    retention_days = 0.5
  }

  expect_failures = [var.retention_days]
}
