import type { IncomingHttpHeaders } from "node:http2";
import type { ClientCertificate, Credentials } from "@activity-events/access/credentials";

const [bearer, serverless] = ["authorization", "x-serverless-authorization"] as const;

/** Headers that may hold a token. */
export const credentialHeaders: readonly string[] = [bearer, serverless];

/** Takes the credentials of a connection's calls. Calls with the same ones get the same object, by which their caller is known. */
export class SessionCredentials {
  readonly #certificate: () => ClientCertificate | undefined;
  #last: Credentials | undefined;

  /** `certificate` returns the client certificate that TLS has verified; asked at the first call, since the handshake is over then. */
  constructor(certificate: () => ClientCertificate | undefined) {
    this.#certificate = certificate;
  }

  /** Takes the credentials out of the headers, so that nothing behind here can keep, log or echo them. */
  take(headers: IncomingHttpHeaders, rawHeaders: readonly string[]): Credentials {
    const authorization = valuesOf(bearer, headers, rawHeaders);
    const serverlessAuthorization = valuesOf(serverless, headers, rawHeaders);
    const last = this.#last;
    const isAsBefore =
      last !== undefined &&
      isSame(last.authorization, authorization) &&
      isSame(last.serverlessAuthorization, serverlessAuthorization);
    if (isAsBefore) return last;
    const certificate = last === undefined ? this.#certificate() : last.certificate;
    this.#last = { authorization, serverlessAuthorization, certificate };
    return this.#last;
  }
}

const none: readonly string[] = [];

/** Takes every value of a header: of a repeated one Node keeps the first, or joins them; only the raw ones show that there were several. */
function valuesOf(name: string, headers: IncomingHttpHeaders, rawHeaders: readonly string[]): readonly string[] {
  if (headers[name] === undefined) return none;
  delete headers[name];
  const values: string[] = [];
  for (let at = 0; at < rawHeaders.length; at += 2) if (rawHeaders[at] === name) values.push(`${rawHeaders[at + 1]}`);
  return values;
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((value, at) => value === other[at]);
}
