/** Settings from the environment. */
export interface Config {
  /** Default address of the service, `HOST:PORT`. */
  readonly address: string;
  /** URL of Cloud Run's API, if not Google's. */
  readonly runEndpoint: string | undefined;
  /** Default project of a service on Cloud Run. */
  readonly project: string | undefined;
  /** Variable that names an HTTP proxy for connections, if any. */
  readonly proxyVariable: string | undefined;
  /** False with NO_COLOR, or on a dumb terminal. */
  readonly coloursAllowed: boolean;
  /** False on a dumb terminal, which cannot rewrite a line. */
  readonly linesMayMove: boolean;
}

/**
 * Reads ACTIVITY_ADDRESS, GOOGLE_CLOUD_PROJECT, NO_COLOR, TERM, the variables of a proxy, and gcloud's variable for another endpoint of Cloud Run's
 * API.
 */
export function readConfig(environment: NodeJS.ProcessEnv = process.env): Config {
  return {
    address: environment.ACTIVITY_ADDRESS || "127.0.0.1:50051",
    runEndpoint: environment.CLOUDSDK_API_ENDPOINT_OVERRIDES_RUN || undefined,
    project: environment.GOOGLE_CLOUD_PROJECT || undefined,
    // The names and the order in which grpc-js reads them.
    proxyVariable: ["grpc_proxy", "https_proxy", "http_proxy"].find((name) => environment[name]),
    coloursAllowed: !environment.NO_COLOR && environment.TERM !== "dumb",
    linesMayMove: environment.TERM !== "dumb",
  };
}
