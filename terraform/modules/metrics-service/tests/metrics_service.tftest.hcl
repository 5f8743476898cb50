mock_provider "google" {
  source = "../../test/mocks"
}

variables {
  account          = "activity-page@my-project.iam.gserviceaccount.com"
  image            = "europe-west1-docker.pkg.dev/my-project/activity-events/activity-events@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
  project_id       = "my-project"
  project_number   = "123456789012"
  region           = "europe-west1"
  service_audience = "https://activity-events.my-project"
  service_uri      = "https://activity-events-0123456789-ew.a.run.app"
}

run "lets_websockets_through" {
  command = plan

  assert {
    condition     = google_cloud_run_v2_service.main.template[0].containers[0].ports[0].name == "http1"
    error_message = "The container's port is not http1: there are no WebSockets."
  }

  assert {
    condition = alltrue([
      for probe in [
        google_cloud_run_v2_service.main.template[0].containers[0].startup_probe[0],
        google_cloud_run_v2_service.main.template[0].containers[0].liveness_probe[0],
      ] : probe.http_get[0].path == "/healthz" && probe.http_get[0].port == google_cloud_run_v2_service.main.template[0].containers[0].ports[0].container_port
    ])
    error_message = "The probes do not ask for /healthz at the container's port."
  }

  assert {
    condition     = google_cloud_run_v2_service.main.template[0].session_affinity == false
    error_message = "A viewer sticks to an instance for nothing."
  }
}

run "runs_the_page_of_the_image" {
  command = plan

  assert {
    condition     = google_cloud_run_v2_service.main.template[0].containers[0].command == tolist(["/usr/local/bin/node"]) && google_cloud_run_v2_service.main.template[0].containers[0].args == tolist(["/app/page/activity_page.cjs"])
    error_message = "The container runs the gRPC service."
  }
}

run "costs_nothing_while_nobody_looks" {
  command = plan

  assert {
    condition     = google_cloud_run_v2_service.main.scaling[0].min_instance_count == 0 && google_cloud_run_v2_service.main.scaling[0].max_instance_count == 3
    error_message = "The number of instances is not bound."
  }

  assert {
    condition     = google_cloud_run_v2_service.main.template[0].containers[0].resources[0].cpu_idle == true
    error_message = "cpu_idle is not said: with limits alone Cloud Run would bill CPU for the instances' whole life."
  }
}

run "is_behind_iap_and_open_to_nobody" {
  command = plan

  assert {
    condition     = google_cloud_run_v2_service.main.iap_enabled && google_cloud_run_v2_service.main.invoker_iam_disabled == false
    error_message = "Whoever knows the address gets in."
  }

  assert {
    condition     = length(google_iap_web_cloud_run_service_iam_member.viewer) == 0
    error_message = "Somebody may open the page although nobody was named."
  }

  assert {
    condition     = google_cloud_run_v2_service_iam_member.iap.member == "serviceAccount:service-123456789012@gcp-sa-iap.iam.gserviceaccount.com" && google_cloud_run_v2_service_iam_member.iap.role == "roles/run.invoker"
    error_message = "IAP cannot call the page, or somebody else can."
  }

  assert {
    condition     = { for env in google_cloud_run_v2_service.main.template[0].containers[0].env : env.name => env.value if contains(["PAGE_ACCESS", "IAP_AUDIENCE"], env.name) } == { PAGE_ACCESS = "iap", IAP_AUDIENCE = "/projects/123456789012/locations/europe-west1/services/activity-page" }
    error_message = "The page does not check IAP's signature, or for another audience than its own."
  }
}

run "reads_as_its_own_account" {
  command = plan

  assert {
    condition     = google_cloud_run_v2_service.main.template[0].service_account == "activity-page@my-project.iam.gserviceaccount.com"
    error_message = "The page runs as another account than its own."
  }

  assert {
    condition     = { for env in google_cloud_run_v2_service.main.template[0].containers[0].env : env.name => env.value if startswith(env.name, "ACTIVITY_") } == { ACTIVITY_ADDRESS = "https://activity-events-0123456789-ew.a.run.app", ACTIVITY_AUDIENCE = "https://activity-events.my-project" }
    error_message = "The page calls another service, or with tokens for another audience."
  }
}

run "shows_everything_unless_there_is_an_access_file" {
  command = plan

  assert {
    condition     = length(google_cloud_run_v2_service.main.template[0].volumes) == 0 && !contains([for env in google_cloud_run_v2_service.main.template[0].containers[0].env : env.name], "ACCESS_FILE")
    error_message = "A file is mounted that nobody asked for."
  }
}

run "shows_by_the_access_file" {
  command = plan

  variables {
    access_secret = "activity-events-access"
  }

  assert {
    condition     = one(google_cloud_run_v2_service.main.template[0].volumes).secret[0].secret == "activity-events-access" && one(one(google_cloud_run_v2_service.main.template[0].volumes).secret[0].items).version == "latest"
    error_message = "The page shows by another file than the service."
  }

  assert {
    condition     = one([for env in google_cloud_run_v2_service.main.template[0].containers[0].env : env.value if env.name == "ACCESS_FILE"]) == "${one(google_cloud_run_v2_service.main.template[0].containers[0].volume_mounts).mount_path}/${one(one(google_cloud_run_v2_service.main.template[0].volumes).secret[0].items).path}"
    error_message = "ACCESS_FILE does not name the mounted file."
  }
}

run "opens_to_who_was_named" {
  command = plan

  variables {
    viewers = { team = "group:team@example.com" }
  }

  assert {
    condition     = google_iap_web_cloud_run_service_iam_member.viewer["team"].role == "roles/iap.httpsResourceAccessor" && google_iap_web_cloud_run_service_iam_member.viewer["team"].member == "group:team@example.com"
    error_message = "Who was named may not open the page."
  }
}

run "applies" {
  assert {
    condition     = output.name == "activity-page"
    error_message = "The page has another name."
  }
}

run "takes_every_image_over" {
  command = plan

  variables {
    image = "europe-west1-docker.pkg.dev/my-project/activity-events/activity-events@sha256:fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"
  }

  assert {
    condition     = endswith(google_cloud_run_v2_service.main.template[0].containers[0].image, "fedcba9876543210")
    error_message = "A second apply would leave the page at the image before: no roll-out moves it."
  }
}

run "refuses_wrong_values" {
  command = plan

  variables {
    account         = "activity-page"
    concurrency     = 1001
    image           = "europe-west1-docker.pkg.dev/my-project/activity-events/activity-events:latest"
    ingress         = "ALL"
    instances_max   = 0
    log_level       = "loud"
    memory          = "512M"
    name            = "Page"
    service_uri     = "http://activity-events"
    timeout_seconds = 3601
    viewers         = { everybody = "allUsers" }
  }

  expect_failures = [
    var.account,
    var.concurrency,
    var.image,
    var.ingress,
    var.instances_max,
    var.log_level,
    var.memory,
    var.name,
    var.service_uri,
    var.timeout_seconds,
    var.viewers,
  ]
}
