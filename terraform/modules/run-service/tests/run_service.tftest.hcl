mock_provider "google" {
  source = "../../test/mocks"
}

variables {
  account    = "activity-events@my-project.iam.gserviceaccount.com"
  audience   = "https://activity-events.my-project"
  cpu_idle   = false
  image      = "europe-west1-docker.pkg.dev/my-project/activity-events/activity-events@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
  instances  = { min = 1, max = 3 }
  project_id = "my-project"
  region     = "europe-west1"
}

run "speaks_grpc_end_to_end" {
  command = plan

  assert {
    condition     = google_cloud_run_v2_service.main.template[0].containers[0].ports[0].name == "h2c"
    error_message = "The container's port is not h2c: streams and trailers are lost on the way."
  }

  assert {
    condition = alltrue([
      for probe in [
        google_cloud_run_v2_service.main.template[0].containers[0].startup_probe[0],
        google_cloud_run_v2_service.main.template[0].containers[0].liveness_probe[0],
      ] : probe.grpc[0].port == google_cloud_run_v2_service.main.template[0].containers[0].ports[0].container_port
    ])
    error_message = "The probes do not ask over gRPC at the container's port."
  }

  assert {
    condition     = google_cloud_run_v2_service.main.template[0].timeout == "3600s"
    error_message = "Streams are cut before an hour."
  }

  assert {
    condition     = google_cloud_run_v2_service.main.template[0].max_instance_request_concurrency == 500
    error_message = "An instance serves another number of requests at a time."
  }
}

run "says_what_runs_while_nobody_calls" {
  command = plan

  assert {
    condition     = google_cloud_run_v2_service.main.template[0].containers[0].resources[0].cpu_idle == var.cpu_idle
    error_message = "cpu_idle is not said: with limits alone Cloud Run would bill CPU for the instances' whole life."
  }

  assert {
    condition     = google_cloud_run_v2_service.main.template[0].containers[0].resources[0].limits == tomap({ cpu = "1", memory = "512Mi" })
    error_message = "An instance has another size."
  }

  assert {
    condition     = google_cloud_run_v2_service.main.scaling[0].min_instance_count == 1 && google_cloud_run_v2_service.main.scaling[0].max_instance_count == 3
    error_message = "The number of instances is not bound as asked."
  }
}

run "says_cpu_idle_both_ways" {
  command = plan

  variables {
    cpu_idle = true
  }

  assert {
    condition     = google_cloud_run_v2_service.main.template[0].containers[0].resources[0].cpu_idle == true
    error_message = "cpu_idle is not said: with limits alone Cloud Run would bill CPU for the instances' whole life."
  }
}

run "is_open_to_nobody" {
  command = plan

  assert {
    condition     = length(google_cloud_run_v2_service_iam_member.invoker) == 0 && google_cloud_run_v2_service.main.invoker_iam_disabled != true
    error_message = "Somebody may call the service although nobody was named."
  }

  assert {
    condition     = google_cloud_run_v2_service.main.template[0].service_account == "activity-events@my-project.iam.gserviceaccount.com"
    error_message = "The service runs as another account than its own."
  }

  assert {
    condition     = google_cloud_run_v2_service.main.custom_audiences == tolist(["https://activity-events.my-project"])
    error_message = "The tokens' audience is another."
  }

  assert {
    condition     = google_cloud_run_v2_service.main.deletion_protection
    error_message = "The service is not protected against deletion."
  }
}

run "takes_its_secrets_from_secret_manager" {
  command = plan

  variables {
    secrets = { API_KEY = { secret = "api-key", version = "3" } }
  }

  assert {
    condition     = [for env in google_cloud_run_v2_service.main.template[0].containers[0].env : env.value_source[0].secret_key_ref[0] if env.name == "API_KEY"] == [{ secret = "api-key", version = "3" }]
    error_message = "The setting does not come from Secret Manager."
  }
}

run "mounts_the_settings_file" {
  command = plan

  variables {
    config_secret = { secret = "activity-events-config", version = "latest" }
    settings      = { HOST = "0.0.0.0" }
  }

  assert {
    condition     = one(google_cloud_run_v2_service.main.template[0].volumes).secret[0].secret == "activity-events-config" && one(one(google_cloud_run_v2_service.main.template[0].volumes).secret[0].items).version == "latest"
    error_message = "The file is not that secret's latest version."
  }

  assert {
    condition     = one([for env in google_cloud_run_v2_service.main.template[0].containers[0].env : env.value if env.name == "CONFIG_FILE"]) == "${one(google_cloud_run_v2_service.main.template[0].containers[0].volume_mounts).mount_path}/${one(one(google_cloud_run_v2_service.main.template[0].volumes).secret[0].items).path}"
    error_message = "CONFIG_FILE does not name the mounted file."
  }
}

run "mounts_the_access_file" {
  command = plan

  variables {
    access_file = { secret = "activity-events-access", trusts_iam = true }
    invokers    = { ci = "serviceAccount:ci@my-project.iam.gserviceaccount.com" }
  }

  assert {
    condition     = one(google_cloud_run_v2_service.main.template[0].volumes).secret[0].secret == "activity-events-access" && one(one(google_cloud_run_v2_service.main.template[0].volumes).secret[0].items).version == "latest"
    error_message = "A changed access file waits for a roll-out."
  }

  assert {
    condition     = one([for env in google_cloud_run_v2_service.main.template[0].containers[0].env : env.value if env.name == "ACCESS_FILE"]) == "${one(google_cloud_run_v2_service.main.template[0].containers[0].volume_mounts).mount_path}/${one(one(google_cloud_run_v2_service.main.template[0].volumes).secret[0].items).path}"
    error_message = "ACCESS_FILE does not name the mounted file."
  }
}

run "mounts_both_files" {
  command = plan

  variables {
    access_file   = { secret = "activity-events-access", trusts_iam = false }
    config_secret = { secret = "activity-events-config", version = "latest" }
  }

  assert {
    condition     = toset([for mount in google_cloud_run_v2_service.main.template[0].containers[0].volume_mounts : "${mount.name} ${mount.mount_path}"]) == toset(["access /access", "config /config"])
    error_message = "One file hides the other."
  }
}

run "has_no_settings_file_unless_asked" {
  command = plan

  assert {
    condition     = length(google_cloud_run_v2_service.main.template[0].volumes) == 0 && !contains([for env in google_cloud_run_v2_service.main.template[0].containers[0].env : env.name], "CONFIG_FILE")
    error_message = "A file is mounted that nobody asked for."
  }
}

run "applies" {
  variables {
    invokers = { ci = "serviceAccount:ci@my-project.iam.gserviceaccount.com" }
  }

  assert {
    condition     = google_cloud_run_v2_service_iam_member.invoker["ci"].role == "roles/run.invoker"
    error_message = "Who was named may not call the service."
  }
}

run "leaves_image_and_traffic_to_the_roll_out" {
  command = plan

  variables {
    image    = "europe-west1-docker.pkg.dev/my-project/activity-events/activity-events@sha256:fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"
    invokers = { ci = "serviceAccount:ci@my-project.iam.gserviceaccount.com" }
  }

  assert {
    condition     = endswith(google_cloud_run_v2_service.main.template[0].containers[0].image, "0123456789abcdef")
    error_message = "A second apply would move the service to another image behind the roll-out's back."
  }
}

run "refuses_wrong_values" {
  command = plan

  variables {
    account         = "activity-events"
    audience        = "activity-events"
    concurrency     = 1001
    config_secret   = { secret = "activity-events-config", version = "newest" }
    cpu             = "0.5"
    image           = "europe-west1-docker.pkg.dev/my-project/activity-events/activity-events:latest"
    ingress         = "ALL"
    instances       = { min = 3, max = 2 }
    invokers        = { everybody = "allUsers" }
    memory          = "512M"
    name            = "run"
    secrets         = { API_KEY = { secret = "api-key", version = "latest" } }
    settings        = { ACCESS_FILE = "/access.yaml" }
    timeout_seconds = 3601
  }

  expect_failures = [
    var.account,
    var.audience,
    var.concurrency,
    var.config_secret,
    var.cpu,
    var.image,
    var.ingress,
    var.instances,
    var.invokers,
    var.memory,
    var.name,
    var.secrets,
    var.settings,
    var.timeout_seconds,
  ]
}
