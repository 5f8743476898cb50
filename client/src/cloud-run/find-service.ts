import type { ServiceAddress } from "../calls/open-channel.ts";
import type { ServiceSecurity } from "../security/service-files.ts";
import { AccessError, credentialsHint } from "./access-error.ts";

/** Name of a service on Cloud Run. */
export interface CloudRunService {
  readonly service: string;
  readonly region: string;
  readonly project: string;
}

/** Options of the lookup, and of the connection to what it finds. */
export interface FindServiceOptions extends ServiceSecurity {
  /** Address of Cloud Run's API; default `https://run.googleapis.com`. */
  readonly endpoint?: string | undefined;
}

/** Fields used of the API's Service message (google.cloud.run.v2), as JSON. */
interface ServiceAnswer {
  readonly uri?: string;
}

/**
 * Asks Cloud Run for the address of a service. Pass the result to `new ActivityEventsClient`, which then sends an ID token.
 * Throws an `AccessError`. Needs `run.services.get` (roles/run.viewer); only calls need roles/run.invoker.
 */
export async function findService(
  { service, region, project }: CloudRunService,
  { endpoint = "https://run.googleapis.com", ...security }: FindServiceOptions = {},
): Promise<ServiceAddress> {
  const name = `projects/${project}/locations/${region}/services/${service}`;
  const { GoogleAuth } = await import("google-auth-library");
  const auth = new GoogleAuth({ scopes: "https://www.googleapis.com/auth/cloud-platform" });
  const client = await auth.getClient().catch((cause: Error) => {
    throw new AccessError("token", `No credentials for Cloud Run were found (${cause.message}). ${credentialsHint}`, {
      cause,
    });
  });
  const url = new URL(`v2/${name}`, endpoint.endsWith("/") ? endpoint : `${endpoint}/`).href;
  const { data } = await client.request<ServiceAnswer>({ url, timeout: 10_000 }).catch((cause: unknown) => {
    throw unanswered(cause, { service, region, project });
  });
  if (!data.uri) {
    throw new AccessError(
      "address",
      `The service ${service} has no address of Cloud Run's own. Say where it is with --address HOST:PORT, and for whom the token is with --audience.`,
    );
  }
  return { ...addressOf(data.uri), ...security };
}

/** Converts a service's URI, such as `https://name-xyz.a.run.app`, to an address; the URI is also the tokens' audience. */
function addressOf(uri: string): ServiceAddress {
  const { hostname, port, origin } = new URL(uri);
  return { address: `${hostname}:${port || 443}`, tls: true, idTokenAudience: origin };
}

function unanswered(cause: unknown, { service, region, project }: CloudRunService): AccessError {
  const { status, message } = cause as { readonly status?: number; readonly message: string };
  const where = `service ${service} in region ${region} of project ${project}`;
  switch (status) {
    case 404:
      return new AccessError(
        "address",
        `Cloud Run knows no ${where}. \`gcloud run services list --project ${project}\` shows those there are.`,
        { cause },
      );
    case 403:
      return new AccessError(
        "role",
        `Cloud Run does not tell where the ${where} is: the role roles/run.viewer (run.services.get) is missing, or the API is off (${message}).`,
        { cause },
      );
    case 401:
      return new AccessError("token", `Cloud Run rejected the credentials (${message}). ${credentialsHint}`, {
        cause,
      });
    default:
      return new AccessError("address", `Cloud Run did not return the address of the ${where} (${message}).`, {
        cause,
      });
  }
}
