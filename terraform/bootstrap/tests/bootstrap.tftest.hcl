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

run "lets_the_builder_give_no_other_roles" {
  command = plan

  assert {
    condition     = google_project_iam_member.builder_gives_roles.condition[0].expression == "api.getAttribute('iam.googleapis.com/modifiedGrantsByRole', []).hasOnly(['roles/datastore.user', 'roles/logging.logWriter', 'roles/pubsub.serviceAgent', 'roles/storage.objectViewer'])"
    error_message = "The builder may give roles that no workload needs."
  }

  assert {
    condition = length([
      for binding in google_project_iam_member.builder : binding
      if contains(["roles/owner", "roles/editor", "roles/iam.serviceAccountUser", "roles/resourcemanager.projectIamAdmin"], binding.role)
    ]) == 0
    error_message = "The builder may do everything."
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
