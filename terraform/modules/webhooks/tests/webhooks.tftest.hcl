mock_provider "google" {
  source = "../../test/mocks"
}

variables {
  account              = "activity-webhooks@my-project.iam.gserviceaccount.com"
  dead_letter_topic_id = "projects/my-project/topics/webhook-inbox-dead-letter"
  image                = "europe-west1-docker.pkg.dev/my-project/activity-events/activity-events@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
  inbox_topic          = "webhook-inbox"
  project_id           = "my-project"
  pubsub_agent         = "serviceAccount:service-123456789012@gcp-sa-pubsub.iam.gserviceaccount.com"
  push_account         = "activity-webhooks-push@my-project.iam.gserviceaccount.com"
  region               = "europe-west1"
  secrets              = { WEBHOOKS_GITHUB_SECRET = { secret = "github-webhooks", version = "1" } }
  service_audience     = "https://activity-events.my-project"
  service_uri          = "https://activity-events-0123456789-ew.a.run.app"
  topics               = { cloud-builds = "cloud-build", clouddeploy-resources = "cloud-deploy" }
}

run "runs_the_webhooks_of_the_image" {
  command = plan

  assert {
    condition     = google_cloud_run_v2_service.main.template[0].containers[0].command == tolist(["/usr/local/bin/node"]) && google_cloud_run_v2_service.main.template[0].containers[0].args == tolist(["/app/webhooks/activity_webhooks.cjs"])
    error_message = "The container runs another program."
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
}

run "costs_nothing_while_nobody_calls" {
  command = plan

  assert {
    condition     = google_cloud_run_v2_service.main.scaling[0].min_instance_count == 0 && google_cloud_run_v2_service.main.scaling[0].max_instance_count == 10
    error_message = "The number of instances is not bound."
  }

  assert {
    condition     = google_cloud_run_v2_service.main.template[0].containers[0].resources[0].cpu_idle == true
    error_message = "cpu_idle is not said: with limits alone Cloud Run would bill CPU for the instances' whole life."
  }
}

run "lets_everybody_call_and_routes_check" {
  command = plan

  assert {
    condition     = google_cloud_run_v2_service_iam_member.everybody.member == "allUsers" && google_cloud_run_v2_service_iam_member.everybody.role == "roles/run.invoker" && google_cloud_run_v2_service.main.ingress == "INGRESS_TRAFFIC_ALL"
    error_message = "GitHub cannot call."
  }

  assert {
    condition     = [for env in google_cloud_run_v2_service.main.template[0].containers[0].env : env.value_source[0].secret_key_ref[0] if env.name == "WEBHOOKS_GITHUB_SECRET"][0].secret == "github-webhooks"
    error_message = "The secret of GitHub's webhooks is not Secret Manager's."
  }

  assert {
    condition     = length([for env in google_cloud_run_v2_service.main.template[0].containers[0].env : env if contains(["WEBHOOKS_TOKEN", "WEBHOOKS_GITLAB_TOKEN"], env.name)]) == 0
    error_message = "A route is on whose secret was not given."
  }
}

run "lets_pubsub_push_as_its_own_account" {
  command = plan

  assert {
    condition     = { for key, subscription in google_pubsub_subscription.main : subscription.name => subscription.topic } == { webhook-inbox-webhooks = "webhook-inbox", cloud-builds-webhooks = "cloud-builds", clouddeploy-resources-webhooks = "clouddeploy-resources" }
    error_message = "A topic is not pushed, or another is."
  }

  assert {
    condition = alltrue([
      for subscription in google_pubsub_subscription.main :
      subscription.push_config[0].oidc_token[0].service_account_email == "activity-webhooks-push@my-project.iam.gserviceaccount.com" && subscription.push_config[0].oidc_token[0].audience == "https://activity-webhooks.my-project"
    ])
    error_message = "A push comes as another account, or for another audience."
  }

  assert {
    condition     = { for env in google_cloud_run_v2_service.main.template[0].containers[0].env : env.name => env.value if startswith(env.name, "WEBHOOKS_OIDC_") } == { WEBHOOKS_OIDC_ACCOUNTS = "activity-webhooks-push@my-project.iam.gserviceaccount.com", WEBHOOKS_OIDC_AUDIENCE = "https://activity-webhooks.my-project" }
    error_message = "The webhooks take the pushes of another account, or for another audience."
  }

  assert {
    condition     = alltrue([for subscription in google_pubsub_subscription.main : subscription.expiration_policy[0].ttl == "" && subscription.dead_letter_policy[0].dead_letter_topic == "projects/my-project/topics/webhook-inbox-dead-letter"])
    error_message = "A subscription ends by itself, or loses what cannot be delivered."
  }

  assert {
    condition     = toset(keys(google_pubsub_subscription_iam_member.dead_letter_subscriber)) == toset(keys(google_pubsub_subscription.main))
    error_message = "dead_letter_subscriber: Pub/Sub's agent may not take dead letters off a subscription."
  }
}

run "applies" {
  assert {
    condition     = alltrue([for key, route in { inbox = "inbox", cloud-builds = "cloud-build", clouddeploy-resources = "cloud-deploy" } : google_pubsub_subscription.main[key].push_config[0].push_endpoint == "${output.uri}/${route}"])
    error_message = "A topic is pushed to another route."
  }

  assert {
    condition     = output.member == "serviceAccount:activity-webhooks@my-project.iam.gserviceaccount.com"
    error_message = "The webhooks run as another account than their own."
  }
}

run "takes_every_image_over" {
  command = plan

  variables {
    image = "europe-west1-docker.pkg.dev/my-project/activity-events/activity-events@sha256:fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"
  }

  assert {
    condition     = endswith(google_cloud_run_v2_service.main.template[0].containers[0].image, "fedcba9876543210")
    error_message = "A second apply would leave the webhooks at the image before: no roll-out moves them."
  }
}

run "refuses_wrong_values" {
  command = plan

  variables {
    account          = "activity-webhooks"
    concurrency      = 1001
    github_workflows = ["a,b"]
    image            = "europe-west1-docker.pkg.dev/my-project/activity-events/activity-events:latest"
    instances_max    = 0
    log_level        = "loud"
    memory           = "512M"
    name             = "Webhooks"
    push_account     = "push"
    secrets          = { WEBHOOKS_TOKEN = { secret = "token", version = "latest" } }
    service_uri      = "http://activity-events"
    topics           = { cloud-builds = "github" }
  }

  expect_failures = [
    var.account,
    var.concurrency,
    var.github_workflows,
    var.image,
    var.instances_max,
    var.log_level,
    var.memory,
    var.name,
    var.push_account,
    var.secrets,
    var.service_uri,
    var.topics,
  ]
}

run "refuses_other_secrets" {
  command = plan

  variables {
    secrets = { WEBHOOKS_OIDC_ACCOUNTS = { secret = "s", version = "1" } }
  }

  expect_failures = [var.secrets]
}
