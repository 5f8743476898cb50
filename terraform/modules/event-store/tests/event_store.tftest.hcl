mock_provider "google" {
  source = "../../test/mocks"
}

variables {
  project_id = "my-project"
  region     = "europe-west1"
}

run "protects_the_events" {
  command = plan

  assert {
    condition     = google_firestore_database.main.delete_protection_state == "DELETE_PROTECTION_ENABLED" && google_firestore_database.main.deletion_policy == "PREVENT"
    error_message = "The database is not protected against deletion."
  }

  assert {
    condition     = google_firestore_database.main.point_in_time_recovery_enablement == "POINT_IN_TIME_RECOVERY_ENABLED"
    error_message = "The database cannot be read as it was at a point in time."
  }

  assert {
    condition     = google_firestore_backup_schedule.daily.retention == "1209600s" && length(google_firestore_backup_schedule.daily.daily_recurrence) == 1
    error_message = "There is no daily backup that is kept for 14 days."
  }

  assert {
    condition     = google_firestore_database.main.type == "FIRESTORE_NATIVE" && google_firestore_database.main.database_edition == "STANDARD"
    error_message = "The database is of another kind than the code is written for."
  }
}

run "indexes_no_field_that_no_query_asks_for" {
  command = plan

  assert {
    condition     = length(google_firestore_field.main["events.content"].index_config[0].indexes) == 0
    error_message = "The content of the events is indexed."
  }

  assert {
    condition     = length(google_firestore_field.main["events.sequence"].index_config[0].indexes) == 2
    error_message = "The events cannot be read in both orders of their sequence."
  }
}

run "lets_go_of_the_database_where_it_is_not_protected" {
  command = plan

  variables {
    deletion_protection = false
  }

  assert {
    condition     = google_firestore_database.main.delete_protection_state == "DELETE_PROTECTION_DISABLED" && google_firestore_database.main.deletion_policy == "DELETE"
    error_message = "The database cannot be deleted."
  }
}

run "applies" {
  assert {
    condition     = output.database == "activity-events"
    error_message = "The database has another name."
  }
}

run "refuses_wrong_values" {
  command = plan

  variables {
    backup_retention_days = 99
    name                  = "Activity"
  }

  expect_failures = [
    var.backup_retention_days,
    var.name,
  ]
}
