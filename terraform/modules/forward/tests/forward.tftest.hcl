mock_provider "google" {
  source = "../../test/mocks"
}

variables {
  account          = "activity-forward@my-project.iam.gserviceaccount.com"
  bucket           = "my-project-activity-forward"
  flags            = ["--type-prefix", "deployment.finished"]
  image            = "europe-west1-docker.pkg.dev/my-project/activity-events/activity-events@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
  name             = "slack"
  project_id       = "my-project"
  region           = "europe-west1"
  secrets          = { FORWARD_URL = { secret = "slack-webhook", version = "1" } }
  service_audience = "https://activity-events.my-project"
  service_uri      = "https://activity-events-0123456789-ew.a.run.app"
  to               = "slack"
}

run "forwards_with_the_client_of_the_image" {
  command = plan

  assert {
    condition = google_cloud_run_v2_worker_pool.main.template[0].containers[0].command == tolist(["/usr/local/bin/node"]) && google_cloud_run_v2_worker_pool.main.template[0].containers[0].args == tolist([
      "/app/client/activity_client.cjs",
      "--address", "activity-events-0123456789-ew.a.run.app:443",
      "--audience", "https://activity-events.my-project",
      "forward", "--to", "slack", "--cursor", "/cursors/slack",
      "--type-prefix", "deployment.finished",
    ])
    error_message = "The pool runs another command."
  }

  assert {
    condition     = [for env in google_cloud_run_v2_worker_pool.main.template[0].containers[0].env : env.value_source[0].secret_key_ref[0] if env.name == "FORWARD_URL"][0].secret == "slack-webhook"
    error_message = "The target's address is not Secret Manager's."
  }
}

run "is_one_instance" {
  command = plan

  assert {
    condition     = google_cloud_run_v2_worker_pool.main.scaling[0].scaling_mode == "MANUAL" && google_cloud_run_v2_worker_pool.main.scaling[0].manual_instance_count == 1
    error_message = "Everything is told twice, or nothing is."
  }
}

run "keeps_its_cursor_in_the_bucket" {
  command = plan

  assert {
    condition     = google_cloud_run_v2_worker_pool.main.template[0].volumes[0].gcs[0].bucket == "my-project-activity-forward" && google_cloud_run_v2_worker_pool.main.template[0].volumes[0].gcs[0].read_only == false
    error_message = "The cursor is kept elsewhere, or cannot be written."
  }

  assert {
    condition     = google_cloud_run_v2_worker_pool.main.template[0].volumes[0].gcs[0].mount_options == tolist(["uid=65532", "gid=65532"])
    error_message = "The image's user may not write the cursor."
  }

  assert {
    condition     = google_cloud_run_v2_worker_pool.main.template[0].containers[0].volume_mounts[0].mount_path == "/cursors" && google_cloud_run_v2_worker_pool.main.template[0].containers[0].volume_mounts[0].name == google_cloud_run_v2_worker_pool.main.template[0].volumes[0].name
    error_message = "The bucket is not where the cursor is."
  }
}

run "applies" {
  assert {
    condition     = output.name == "activity-forward-slack"
    error_message = "The pool has another name."
  }
}

run "refuses_wrong_values" {
  command = plan

  variables {
    account     = "activity-forward"
    flags       = ["--cursor=elsewhere"]
    image       = "europe-west1-docker.pkg.dev/my-project/activity-events/activity-events:latest"
    memory      = "512M"
    name        = "Slack"
    secrets     = { FORWARD_URL = { secret = "s", version = "latest" } }
    service_uri = "activity-events:443"
  }

  expect_failures = [
    var.account,
    var.flags,
    var.image,
    var.memory,
    var.name,
    var.secrets,
    var.service_uri,
  ]
}

# Apart, since Terraform does not check it beside wrong secrets.
run "refuses_other_targets" {
  command = plan

  variables {
    to = "pubsub:deployment-events"
  }

  expect_failures = [var.to]
}

run "refuses_a_chat_without_its_address" {
  command = plan

  variables {
    secrets = {}
  }

  expect_failures = [var.to]
}
