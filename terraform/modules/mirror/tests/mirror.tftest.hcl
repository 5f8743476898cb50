mock_provider "google" {
  source = "../../test/mocks"
}

variables {
  accounts = {
    run   = "activity-mirror@my-project.iam.gserviceaccount.com"
    build = "activity-mirror-build@my-project.iam.gserviceaccount.com"
    push  = "activity-mirror-push@my-project.iam.gserviceaccount.com"
  }
  archive              = "../../test/mirror.zip"
  dead_letter_topic_id = "projects/my-project/topics/activity-pokes-dead-letter"
  instances            = { min = 0, max = 5 }
  poke_topic           = "activity-pokes"
  project_id           = "my-project"
  pubsub_agent         = "serviceAccount:service-1@gcp-sa-pubsub.iam.gserviceaccount.com"
  region               = "europe-west1"
  repository           = "activity-events"
  source_bucket        = "my-project-activity-mirror"
}

run "deploys_what_the_zip_holds" {
  command = plan

  assert {
    condition     = google_storage_bucket_object.source.name == "mirror-${filesha256(var.archive)}.zip" && google_cloudfunctions2_function.main.build_config[0].source[0].storage_source[0].object == google_storage_bucket_object.source.name
    error_message = "The object is not named by its content: another zip would not be deployed."
  }

  assert {
    condition     = google_cloudfunctions2_function.main.build_config[0].entry_point == "mirror" && google_cloudfunctions2_function.main.build_config[0].runtime == "nodejs24"
    error_message = "The function that the zip exports is not what is run."
  }

  assert {
    condition     = length(google_cloudfunctions2_function.main.event_trigger) == 0
    error_message = "A trigger of Eventarc has neither order nor dead letters."
  }
}

run "is_called_by_its_subscription_alone" {
  command = plan

  assert {
    condition     = google_cloudfunctions2_function.main.service_config[0].ingress_settings == "ALLOW_INTERNAL_ONLY"
    error_message = "The function can be reached from outside."
  }

  assert {
    condition     = google_cloud_run_v2_service_iam_member.push.role == "roles/run.invoker" && google_cloud_run_v2_service_iam_member.push.name == "mirror" && google_cloud_run_v2_service_iam_member.push.member == "serviceAccount:activity-mirror-push@my-project.iam.gserviceaccount.com"
    error_message = "Another than the subscription's account may call the function."
  }

  assert {
    condition     = google_pubsub_subscription.main.push_config[0].oidc_token[0].service_account_email == "activity-mirror-push@my-project.iam.gserviceaccount.com"
    error_message = "The subscription pushes without its account's token."
  }

  assert {
    condition     = google_cloudfunctions2_function.main.service_config[0].service_account_email == "activity-mirror@my-project.iam.gserviceaccount.com"
    error_message = "The function runs as another account than its own."
  }
}

run "gets_each_poke_in_order_and_in_time" {
  command = plan

  assert {
    condition     = google_pubsub_subscription.main.enable_message_ordering == true
    error_message = "Pokes of one deployment do not come one at a time."
  }

  assert {
    condition     = google_pubsub_subscription.main.expiration_policy[0].ttl == ""
    error_message = "An idle month ends the mirror."
  }

  assert {
    condition     = google_pubsub_subscription.main.ack_deadline_seconds >= 120 && google_cloudfunctions2_function.main.service_config[0].timeout_seconds >= 120
    error_message = "A run is pushed again, or ended, while it is at work."
  }

  assert {
    condition     = google_pubsub_subscription.main.retry_policy[0].minimum_backoff == "1s" && google_pubsub_subscription.main.retry_policy[0].maximum_backoff == "60s"
    error_message = "What failed is not tried again within a minute."
  }
}

run "puts_away_what_cannot_be_delivered" {
  command = plan

  assert {
    condition     = google_pubsub_subscription.main.dead_letter_policy[0].dead_letter_topic == var.dead_letter_topic_id
    error_message = "What cannot be delivered has nowhere to go."
  }

  assert {
    condition     = google_pubsub_subscription_iam_member.dead_letter_subscriber.member == var.pubsub_agent && google_pubsub_subscription_iam_member.dead_letter_subscriber.role == "roles/pubsub.subscriber" && google_pubsub_subscription_iam_member.dead_letter_subscriber.subscription == "activity-pokes-mirror"
    error_message = "Pub/Sub's agent may not take dead letters off the subscription."
  }
}

run "applies" {
  assert {
    condition     = google_pubsub_subscription.main.push_config[0].push_endpoint == google_cloudfunctions2_function.main.service_config[0].uri && google_pubsub_subscription.main.push_config[0].oidc_token[0].audience == google_cloudfunctions2_function.main.service_config[0].uri
    error_message = "Pokes are pushed elsewhere, or with a token for another."
  }
}

run "refuses_wrong_values" {
  command = plan

  variables {
    archive         = "../../test/none.zip"
    instances       = { min = 0, max = 0 }
    timeout_seconds = 60
  }

  expect_failures = [
    var.archive,
    var.instances,
    var.timeout_seconds,
  ]
}

run "refuses_a_deadline_before_the_functions_end" {
  command = plan

  variables {
    ack_deadline_seconds = 60
  }

  expect_failures = [var.ack_deadline_seconds]
}
