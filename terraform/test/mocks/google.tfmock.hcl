# What only the platform would know, in the form in which it says it.
mock_data "google_project" {
  defaults = {
    number = "123456789012"
  }
}
