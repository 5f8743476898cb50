/** Where credentials come from; the end of every sentence about missing ones. */
export const credentialsHint =
  "On Google Cloud they come from the workload's service account; elsewhere run `gcloud auth application-default login --impersonate-service-account=ACCOUNT`, or name a credentials file in GOOGLE_APPLICATION_CREDENTIALS.";
