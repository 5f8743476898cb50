terraform {
  # The bucket comes with `terraform init -backend-config=bucket=…`: it bears the project's id.
  backend "gcs" {
    prefix = "bootstrap"
  }
}
