# `tflint --recursive` from this folder. The Google ruleset is not used: the values that it knows are in the variables' own
# validations, and it cannot be had everywhere.
config {
  call_module_type = "local"
}

plugin "terraform" {
  enabled = true
  preset  = "all"
}
