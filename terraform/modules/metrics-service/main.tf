# The page on Cloud Run, behind Identity-Aware Proxy. A service of its own: WebSockets need HTTP/1, gRPC needs HTTP/2 end to end. It
# stores nothing, so Terraform sets its image as well, and all traffic goes to the latest revision.

locals {
  iap_agent = "serviceAccount:service-${var.project_number}@gcp-sa-iap.iam.gserviceaccount.com"
  # As IAP names the service in the header that it signs.
  iap_audience = "/projects/${var.project_number}/locations/${var.region}/services/${var.name}"

  access_folder = "/access"
}

resource "google_cloud_run_v2_service" "main" {
  project             = var.project_id
  location            = var.region
  name                = var.name
  ingress             = var.ingress
  deletion_protection = var.deletion_protection
  # IAP lets viewers in, and then calls as its own agent, whom IAM lets in.
  iap_enabled          = true
  invoker_iam_disabled = false

  scaling {
    min_instance_count = 0
    max_instance_count = var.instances_max
  }

  template {
    service_account                  = var.account
    timeout                          = "${var.timeout_seconds}s"
    max_instance_request_concurrency = var.concurrency
    execution_environment            = "EXECUTION_ENVIRONMENT_GEN2"
    # Every instance shows the same.
    session_affinity = false

    dynamic "volumes" {
      for_each = var.access_secret[*]
      content {
        name = "access"
        secret {
          secret = volumes.value
          items {
            version = "latest"
            path    = "access.yaml"
          }
        }
      }
    }

    containers {
      image   = var.image
      command = ["/usr/local/bin/node"]
      args    = ["/app/page/activity_page.cjs"]

      dynamic "volume_mounts" {
        for_each = var.access_secret[*]
        content {
          name       = "access"
          mount_path = local.access_folder
        }
      }

      # With h2c there are no WebSockets.
      ports {
        name           = "http1"
        container_port = 8080
      }

      resources {
        limits = {
          cpu    = "1"
          memory = var.memory
        }
        # An open socket is a request: the CPU is there as long as somebody looks.
        cpu_idle          = true
        startup_cpu_boost = true
      }

      startup_probe {
        period_seconds    = 1
        timeout_seconds   = 1
        failure_threshold = 60

        http_get {
          path = "/healthz"
          port = 8080
        }
      }

      liveness_probe {
        period_seconds    = 30
        timeout_seconds   = 5
        failure_threshold = 10

        http_get {
          path = "/healthz"
          port = 8080
        }
      }

      dynamic "env" {
        for_each = merge({
          ACTIVITY_ADDRESS  = var.service_uri
          ACTIVITY_AUDIENCE = var.service_audience
          HOST              = "0.0.0.0"
          IAP_AUDIENCE      = local.iap_audience
          LOG_LEVEL         = var.log_level
          PAGE_ACCESS       = "iap"
        }, var.access_secret == null ? {} : { ACCESS_FILE = "${local.access_folder}/access.yaml" })
        content {
          name  = env.key
          value = env.value
        }
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

resource "google_cloud_run_v2_service_iam_member" "iap" {
  project  = var.project_id
  location = google_cloud_run_v2_service.main.location
  name     = google_cloud_run_v2_service.main.name
  role     = "roles/run.invoker"
  member   = local.iap_agent
}

resource "google_iap_web_cloud_run_service_iam_member" "viewer" {
  for_each = var.viewers

  project                = var.project_id
  location               = google_cloud_run_v2_service.main.location
  cloud_run_service_name = google_cloud_run_v2_service.main.name
  role                   = "roles/iap.httpsResourceAccessor"
  member                 = each.value
}
