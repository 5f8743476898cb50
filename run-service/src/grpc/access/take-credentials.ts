import type { IncomingHttpHeaders } from "node:http2";
import type { ClientCertificate, Credentials } from "@activity-events/access/credentials";

const [bearer, serverless] = ["authorization", "x-serverless-authorization"] as const;

/** Headers that may hold a token. */
export const credentialHeaders: readonly string[] = [bearer, serverless];

/** Takes the credentials out of the headers, so that nothing behind here can keep, log or echo them. */
export function takeCredentials(
  headers: IncomingHttpHeaders,
  rawHeaders: readonly string[],
  certificate: ClientCertificate | undefined,
): Credentials {
  if (headers[bearer] === undefined && headers[serverless] === undefined)
    return certificate === undefined ? noCredentials : { ...noCredentials, certificate };
  // Of a repeated header Node keeps the first, or joins them; only the raw ones show that there were several.
  const valuesOf = (name: string) => rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1] === name);
  delete headers[bearer];
  delete headers[serverless];
  return { authorization: valuesOf(bearer), serverlessAuthorization: valuesOf(serverless), certificate };
}

const noCredentials: Credentials = { authorization: [], serverlessAuthorization: [], certificate: undefined };
