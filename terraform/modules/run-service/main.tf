# The service on Cloud Run and who may call it. Terraform says what a revision is like; which image it runs and
# how the traffic is shared is the roll-out's.

locals {
  access_folder = "/access"
  config_folder = "/config"

  file_settings = merge(
    var.access_file == null ? {} : { ACCESS_FILE = "${local.access_folder}/access.yaml" },
    var.config_secret == null ? {} : { CONFIG_FILE = "${local.config_folder}/config.yaml" },
  )
  # Then the service believes tokens without a signature, since IAM has verified them.
  trusts_iam = try(var.access_file.trusts_iam, false)
}

resource "google_cloud_run_v2_service" "main" {
  project             = var.project_id
  location            = var.region
  name                = var.name
  ingress             = var.ingress
  custom_audiences    = [var.audience]
  deletion_protection = var.deletion_protection
  # Callers are checked by IAM; without it the members below would mean nothing.
  invoker_iam_disabled = false

  scaling {
    min_instance_count = var.instances.min
    max_instance_count = var.instances.max
  }

  template {
    service_account                  = var.account
    timeout                          = "${var.timeout_seconds}s"
    max_instance_request_concurrency = var.concurrency
    execution_environment            = "EXECUTION_ENVIRONMENT_GEN2"

    dynamic "volumes" {
      for_each = var.config_secret[*]
      content {
        name = "config"
        secret {
          secret = volumes.value.secret
          items {
            version = volumes.value.version
            path    = "config.yaml"
          }
        }
      }
    }

    dynamic "volumes" {
      for_each = var.access_file[*]
      content {
        name = "access"
        secret {
          secret = volumes.value.secret
          items {
            # A number would be a new revision, which the roll-out gives traffic only with the next image.
            version = "latest"
            path    = "access.yaml"
          }
        }
      }
    }

    containers {
      image = var.image

      dynamic "volume_mounts" {
        for_each = var.config_secret[*]
        content {
          name       = "config"
          mount_path = local.config_folder
        }
      }

      dynamic "volume_mounts" {
        for_each = var.access_file[*]
        content {
          name       = "access"
          mount_path = local.access_folder
        }
      }

      # h2c: without it Cloud Run speaks HTTP/1 to the container, and streams and trailers are lost.
      ports {
        name           = "h2c"
        container_port = 8080
      }

      resources {
        limits = {
          cpu    = var.cpu
          memory = var.memory
        }
        # Never left out: where limits are said, leaving it out would switch to CPU that is always paid for.
        cpu_idle          = var.cpu_idle
        startup_cpu_boost = true
      }

      startup_probe {
        period_seconds    = 1
        timeout_seconds   = 1
        failure_threshold = 60

        grpc {
          port = 8080
        }
      }

      # The health says whether the store answers too: a store that is away for minutes is no reason to end every stream.
      liveness_probe {
        period_seconds    = 30
        timeout_seconds   = 5
        failure_threshold = 10

        grpc {
          port = 8080
        }
      }

      dynamic "env" {
        for_each = merge(var.settings, local.file_settings)
        content {
          name  = env.key
          value = env.value
        }
      }

      dynamic "env" {
        for_each = var.secrets
        content {
          name = env.key
          value_source {
            secret_key_ref {
              secret  = env.value.secret
              version = env.value.version
            }
          }
        }
      }
    }
  }

  lifecycle {
    ignore_changes = [
      client,
      client_version,
      template[0].containers[0].image,
      template[0].labels,
      template[0].revision,
      traffic,
    ]

    precondition {
      condition     = !local.trusts_iam || length(setintersection(["allUsers", "allAuthenticatedUsers"], values(var.invokers))) == 0
      error_message = "The access file's issuer cloud-run believes tokens that IAM has verified: with allUsers among the invokers IAM verifies none, and anybody could name himself as he likes. Take one of them out."
    }

    postcondition {
      condition     = !local.trusts_iam || self.invoker_iam_disabled != true
      error_message = "The access file's issuer cloud-run believes tokens that IAM has verified: with invoker_iam_disabled IAM verifies none, and anybody could name himself as he likes. Take one of them out."
    }
  }
}

resource "google_cloud_run_v2_service_iam_member" "invoker" {
  for_each = var.invokers

  project  = var.project_id
  location = google_cloud_run_v2_service.main.location
  name     = google_cloud_run_v2_service.main.name
  role     = "roles/run.invoker"
  member   = each.value
}
