import { writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { connect, createSecureServer, type Http2SecureServer, type IncomingHttpHeaders } from "node:http2";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { passOn } from "./recording-front.ts";
import { selfSignedCertificate } from "./self-signed-certificate.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const invoker = "invoker@project.iam.gserviceaccount.com";

export interface ClosedServiceOptions {
  /** Address of the real service, `127.0.0.1:port`. */
  readonly target: string;
  /** Account of the credentials: one that may call the service, one that may not, or none. */
  readonly credentials?: "invoker" | "stranger" | "none";
}

/** A service protected as on Cloud Run, with front end, Cloud Run's API, and metadata server. */
export interface ClosedService extends AsyncDisposable {
  /** `localhost:port` of the front end. */
  readonly address: string;
  /** Tokens that were checked; undefined for a call without one. */
  readonly authorizations: readonly (string | undefined)[];
  /** Headers `authorization` that the service gets, which are not for Cloud Run. */
  readonly passedOn: readonly (string | undefined)[];
  /** Environment for a process that uses all of it. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Starts front end, API and metadata server, with the rules of Cloud Run's documentation. */
export async function startClosedService({
  target,
  credentials = "invoker",
}: ClosedServiceOptions): Promise<ClosedService> {
  const { certificate, key } = selfSignedCertificate();
  const folder = temporaryFolder().path;
  const certificateFile = join(folder, "certificate.pem");
  writeFileSync(certificateFile, certificate);

  const authorizations: (string | undefined)[] = [];
  const passedOn: (string | undefined)[] = [];
  const front = createSecureServer({ key, cert: certificate });
  const upstream = connect(`http://${target}`);
  upstream.on("error", () => {});
  front.on("session", (session) => session.on("error", () => {}));
  front.on("stream", (stream, headers) => {
    // With this header Cloud Run checks it alone, and passes the other one on.
    const { "x-serverless-authorization": own, ...others } = headers;
    const checked = own === undefined ? headers.authorization : `${own}`;
    authorizations.push(checked);
    const refused = refusal(checked, origin);
    if (refused === undefined) {
      passedOn.push(own === undefined ? undefined : headers.authorization);
      passOn(stream, upstream.request(own === undefined ? withoutToken(headers) : others));
    } else {
      stream.respond({ ":status": refused, "content-type": "text/html" });
      stream.end("<html><title>Error: Forbidden</title></html>");
    }
  });
  const origin = `https://localhost:${await listen(front)}`;

  const account = credentials === "invoker" ? invoker : "stranger@project.iam.gserviceaccount.com";
  const metadata = createServer(({ url = "" }, response) => {
    const { pathname, searchParams } = new URL(url, "http://metadata");
    response.setHeader("metadata-flavor", "Google");
    const isToken = pathname.endsWith("/token");
    response.setHeader("content-type", isToken ? "application/json" : "text/plain");
    if (isToken) response.end('{"access_token":"access","expires_in":3600}');
    else if (pathname.endsWith("/identity")) response.end(idToken(searchParams.get("audience") ?? "", account));
    else response.end("project");
  });
  const api = createServer(({ url, headers }, response) => {
    response.setHeader("content-type", "application/json");
    const known = url === "/v2/projects/project/locations/region/services/activity-events";
    response.statusCode = headers.authorization !== "Bearer access" ? 401 : known ? 200 : 404;
    response.end(JSON.stringify(response.statusCode === 200 ? { uri: origin } : { error: { message: "refused" } }));
  });
  const metadataPort = await listen(metadata);
  const apiPort = await listen(api);
  return {
    address: origin.slice("https://".length),
    authorizations,
    passedOn,
    environment: {
      NODE_EXTRA_CA_CERTS: certificateFile,
      CLOUDSDK_API_ENDPOINT_OVERRIDES_RUN: `http://127.0.0.1:${apiPort}/`,
      // No credentials: no metadata server, and a home without gcloud's file.
      ...(credentials === "none"
        ? { METADATA_SERVER_DETECTION: "none", HOME: folder }
        : {
            GCE_METADATA_HOST: `127.0.0.1:${metadataPort}`,
            METADATA_SERVER_DETECTION: "assume-present",
            HOME: folder,
          }),
    },
    [Symbol.asyncDispose]: async () => {
      upstream.destroy();
      for (const server of [front, metadata, api]) server.close();
      for (const server of [metadata, api]) server.closeAllConnections();
    },
  };
}

/** Returns Cloud Run's HTTP status for a token: 403 without a token or the role, 401 for another audience. */
function refusal(authorization: string | undefined, audience: string): number | undefined {
  const [, payload] = /^Bearer [\w-]+[.]([\w-]+)[.]/.exec(authorization ?? "") ?? [];
  if (payload === undefined) return 403;
  const { aud, email } = JSON.parse(Buffer.from(payload, "base64url").toString());
  if (aud !== audience) return 401;
  return email === invoker ? undefined : 403;
}

function idToken(aud: string, email: string): string {
  const exp = Math.floor(Date.now() / 1000) + 3600;
  const parts = [{ alg: "RS256" }, { aud, email, exp }].map((part) => Buffer.from(JSON.stringify(part)));
  return [...parts, Buffer.from("signature")].map((part) => part.toString("base64url")).join(".");
}

function withoutToken({ authorization: _, ...headers }: IncomingHttpHeaders): IncomingHttpHeaders {
  return headers;
}

async function listen(server: Server | Http2SecureServer): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}
