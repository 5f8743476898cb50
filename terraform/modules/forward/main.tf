# Tells one target the events of all deployments: `activity_client forward` as a worker pool of one instance, which nobody calls. How far
# each deployment was told is in a file, in a bucket that is mounted as a volume.

locals {
  folder = "/cursors"
}

resource "google_cloud_run_v2_worker_pool" "main" {
  project             = var.project_id
  location            = var.region
  name                = "activity-forward-${var.name}"
  deletion_protection = false

  # Two would tell everything twice.
  scaling {
    scaling_mode          = "MANUAL"
    manual_instance_count = 1
  }

  template {
    service_account = var.account

    containers {
      image   = var.image
      command = ["/usr/local/bin/node"]
      args = concat([
        "/app/client/activity_client.cjs",
        "--address", "${trimprefix(var.service_uri, "https://")}:443",
        "--audience", var.service_audience,
        "forward", "--to", var.to, "--cursor", "${local.folder}/${var.name}",
      ], var.flags)

      resources {
        limits = {
          cpu    = "1"
          memory = var.memory
        }
      }

      volume_mounts {
        name       = "cursors"
        mount_path = local.folder
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

    volumes {
      name = "cursors"
      gcs {
        bucket    = var.bucket
        read_only = false
        # A mounted bucket is root's unless it is said whose: the image runs as this user.
        mount_options = ["uid=65532", "gid=65532"]
      }
    }
  }

  lifecycle {
    ignore_changes = [
      client,
      client_version,
      template[0].revision,
    ]
  }
}
