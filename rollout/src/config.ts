/** Settings from the environment. */
export interface Config {
  /** URL of Cloud Run's API, if not Google's; `http:` means plain text without credentials. */
  readonly runEndpoint: string | undefined;
  /** The same for Cloud Monitoring. */
  readonly monitoringEndpoint: string | undefined;
  /** The same for Container Analysis. */
  readonly analysisEndpoint: string | undefined;
  readonly project: string | undefined;
}

/** Reads GOOGLE_CLOUD_PROJECT and gcloud's variables for other endpoints. */
export function readConfig(environment: NodeJS.ProcessEnv = process.env): Config {
  return {
    runEndpoint: environment.CLOUDSDK_API_ENDPOINT_OVERRIDES_RUN || undefined,
    monitoringEndpoint: environment.CLOUDSDK_API_ENDPOINT_OVERRIDES_MONITORING || undefined,
    analysisEndpoint: environment.CLOUDSDK_API_ENDPOINT_OVERRIDES_CONTAINERANALYSIS || undefined,
    project: environment.GOOGLE_CLOUD_PROJECT || undefined,
  };
}
