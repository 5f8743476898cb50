/** What the environment says. */
export interface Config {
  /** Where Cloud Run's API is, if not at Google's address; with `http:` it is asked in plain text, without credentials. */
  readonly runEndpoint: string | undefined;
  /** The same of Cloud Monitoring. */
  readonly monitoringEndpoint: string | undefined;
  /** The same of Container Analysis. */
  readonly analysisEndpoint: string | undefined;
  readonly project: string | undefined;
}

/** Reads the environment: GOOGLE_CLOUD_PROJECT, and the variables by which gcloud, too, is told of other endpoints. */
export function readConfig(environment: NodeJS.ProcessEnv = process.env): Config {
  return {
    runEndpoint: environment.CLOUDSDK_API_ENDPOINT_OVERRIDES_RUN || undefined,
    monitoringEndpoint: environment.CLOUDSDK_API_ENDPOINT_OVERRIDES_MONITORING || undefined,
    analysisEndpoint: environment.CLOUDSDK_API_ENDPOINT_OVERRIDES_CONTAINERANALYSIS || undefined,
    project: environment.GOOGLE_CLOUD_PROJECT || undefined,
  };
}
