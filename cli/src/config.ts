/** What the environment says. */
export interface Config {
  /** Where the service is unless the command line says otherwise; `HOST:PORT`. */
  readonly address: string;
  /** Where Cloud Run's API is, if not at Google's address. */
  readonly runEndpoint: string | undefined;
  /** The project of a service on Cloud Run unless the command line says otherwise. */
  readonly project: string | undefined;
  /** False where NO_COLOR is set or the terminal is a dumb one. */
  readonly coloursAllowed: boolean;
  /** False where the terminal is a dumb one, on which nothing can be written over. */
  readonly linesMayMove: boolean;
}

/**
 * Reads the environment: ACTIVITY_ADDRESS, GOOGLE_CLOUD_PROJECT, NO_COLOR, TERM, and the variable by which gcloud, too, is
 * told of another Cloud Run API.
 */
export function readConfig(environment: NodeJS.ProcessEnv = process.env): Config {
  return {
    address: environment.ACTIVITY_ADDRESS || "127.0.0.1:50051",
    runEndpoint: environment.CLOUDSDK_API_ENDPOINT_OVERRIDES_RUN || undefined,
    project: environment.GOOGLE_CLOUD_PROJECT || undefined,
    coloursAllowed: !environment.NO_COLOR && environment.TERM !== "dumb",
    linesMayMove: environment.TERM !== "dumb",
  };
}
