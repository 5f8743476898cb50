mock_provider "google" {
  source = "../../test/mocks"
}

variables {
  image          = "europe-west1-docker.pkg.dev/my-project/activity-events/activity-events@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
  mirror_archive = "../../test/mirror.zip"
  project_id     = "my-project"
}

run "plans" {
  command = plan

  assert {
    condition     = output.audience == "https://activity-events.my-project"
    error_message = "The tokens' audience is not this project's own."
  }

  assert {
    condition     = output.service == "activity-events"
    error_message = "The service has another name than the documents say."
  }
}
