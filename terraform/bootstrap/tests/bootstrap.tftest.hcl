mock_provider "google" {
  source = "../test/mocks"
}

# A mock cannot be asked for what is there already.
override_resource {
  target = google_storage_bucket.main
}

variables {
  project_id = "my-project"
}

run "keeps_every_state" {
  command = plan

  assert {
    condition     = google_storage_bucket.main.versioning[0].enabled && google_storage_bucket.main.deletion_policy == "PREVENT"
    error_message = "A state that was broken or deleted cannot be brought back."
  }

  assert {
    condition     = google_storage_bucket.main.uniform_bucket_level_access && google_storage_bucket.main.public_access_prevention == "enforced"
    error_message = "The states can be made public."
  }
}

run "lets_the_builder_become_nobody_else" {
  command = plan

  assert {
    condition     = toset(keys(google_service_account_iam_member.builder_acts)) == toset(["activity-events", "activity-expire", "activity-forward", "activity-mirror", "activity-mirror-build", "activity-mirror-push", "activity-page", "activity-sweep", "activity-webhooks", "activity-webhooks-push"])
    error_message = "The builder may act as another account than those of the workloads."
  }
}

run "knows_bigquery_only_when_asked" {
  command = plan

  assert {
    condition     = !contains(keys(google_project_service.main), "bigquery") && !contains(keys(google_project_iam_member.builder), "roles/bigquery.user")
    error_message = "The builder may use BigQuery although nobody asked."
  }
}

run "lets_the_builder_make_the_dataset" {
  command = plan

  variables {
    analytics = true
  }

  assert {
    condition     = contains(keys(google_project_service.main), "bigquery") && contains(keys(google_project_iam_member.builder), "roles/bigquery.user")
    error_message = "The builder cannot make the dataset."
  }
}

run "lets_the_mirrors_build_read_its_source" {
  command = plan

  assert {
    condition     = google_project_iam_member.mirror_build_source.role == "roles/storage.objectViewer" && google_project_iam_member.mirror_build_source.condition[0].expression == "resource.name.startsWith(\"projects/_/buckets/gcf-v2-sources-123456789012-europe-west1/\")"
    error_message = "The build may not read the copy of the zip that it is made from, or more than that."
  }
}

run "narrows_the_users_of_events_to_their_database" {
  command = plan

  assert {
    condition     = alltrue([for user in google_project_iam_member.event_store_user : user.role == "roles/datastore.user" && user.condition[0].expression == "resource.name == \"projects/my-project/databases/activity-events\""])
    error_message = "A user of the events may use other databases too."
  }
}

run "gives_secrets_to_who_needs_them_alone" {
  command = plan

  variables {
    forward_secrets = ["slack-webhook"]
    secrets         = ["api-key"]
    webhook_secrets = ["github-webhooks"]
  }

  assert {
    condition     = [for grant in [google_secret_manager_secret_iam_member.forward["slack-webhook"], google_secret_manager_secret_iam_member.webhooks["github-webhooks"]] : "${grant.member} ${grant.role}"] == ["serviceAccount:activity-forward@my-project.iam.gserviceaccount.com roles/secretmanager.secretAccessor", "serviceAccount:activity-webhooks@my-project.iam.gserviceaccount.com roles/secretmanager.secretAccessor"]
    error_message = "What forwards or the webhooks may not read their secrets, or others may."
  }

  assert {
    condition     = length(google_secret_manager_secret_iam_member.forward) == 1 && length(google_secret_manager_secret_iam_member.webhooks) == 1 && length(google_secret_manager_secret_iam_member.service) == 1
    error_message = "Somebody may read the secrets of another."
  }

  assert {
    condition     = google_secret_manager_secret_iam_member.service["api-key"].role == "roles/secretmanager.secretAccessor" && google_secret_manager_secret_iam_member.service["api-key"].member == "serviceAccount:activity-events@my-project.iam.gserviceaccount.com"
    error_message = "The service may not read its secret, or another may."
  }
}

run "keeps_no_old_cursors" {
  command = plan

  assert {
    condition     = google_storage_bucket.forward.soft_delete_policy[0].retention_duration_seconds == 0
    error_message = "Each second's cursor would be kept for a week, and paid for."
  }

  assert {
    condition     = google_storage_bucket_iam_member.forward.role == "roles/storage.objectUser" && google_storage_bucket_iam_member.forward.member == "serviceAccount:activity-forward@my-project.iam.gserviceaccount.com"
    error_message = "What forwards cannot keep its cursors."
  }
}

run "applies" {
  assert {
    condition     = output.repository == "europe-west1-docker.pkg.dev/my-project/activity-events"
    error_message = "Images go elsewhere than the documents say."
  }

  assert {
    condition     = output.builder == "projects/my-project/serviceAccounts/activity-build@my-project.iam.gserviceaccount.com"
    error_message = "The builder is another account."
  }

  assert {
    condition     = alltrue([for service in google_project_service.main : service.disable_on_destroy == false])
    error_message = "To take this down would take down what others use."
  }
}

run "refuses_wrong_values" {
  command = plan

  variables {
    project_id = "My Project"
    region     = "EU"
  }

  expect_failures = [
    var.project_id,
    var.region,
  ]
}

run "keeps_the_access_file_for_those_who_read_it" {
  command = plan

  assert {
    condition     = google_secret_manager_secret.access.secret_id == "activity-events-access" && google_secret_manager_secret.access.replication[0].user_managed[0].replicas[0].location == var.region
    error_message = "The environment puts the access file into another secret, or it leaves the region."
  }

  assert {
    condition     = toset([for grant in google_secret_manager_secret_iam_member.access_reader : grant.member]) == toset(["serviceAccount:activity-events@my-project.iam.gserviceaccount.com", "serviceAccount:activity-page@my-project.iam.gserviceaccount.com"])
    error_message = "Service or page cannot read who may do what, or somebody else can."
  }
}
