import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, SignJWT } from "jose";

/** What Pub/Sub adds to its pushes in the cloud, and its emulator does not: an ID token of the push account. */
export interface SignedPushes {
  /** Settings with which the webhooks take these pushes. */
  readonly environment: Readonly<Record<string, string>>;
  /** URL for the emulator to push to, in the place of a path of the target. */
  endpoint(path: string): string;
  close(): void;
}

const account = "activity-webhooks-push@demo.iam.gserviceaccount.com";
const audience = "https://activity-webhooks.demo";

/** Passes pushes on to a target, such as `http://127.0.0.1:50090`, each with a token, and is the issuer of these tokens. */
export async function startSignedPushes(target: string): Promise<SignedPushes> {
  const { publicKey, privateKey } = await generateKeyPair("RS256");
  const keys = { keys: [{ ...(await exportJWK(publicKey)), kid: "1", alg: "RS256", use: "sig" }] };
  const server = createServer(async (request, response) => {
    if (request.url === "/keys") return answer(response, 200, keys);
    if (request.url?.startsWith("/.well-known/"))
      return answer(response, 200, { issuer: url, jwks_uri: `${url}/keys` });
    const token = await new SignJWT({ email: account, email_verified: true })
      .setProtectedHeader({ alg: "RS256", kid: "1" })
      .setIssuer(url)
      .setAudience(audience)
      .setIssuedAt()
      .setExpirationTime("5m")
      .sign(privateKey);
    // The emulator pushes again what was not answered well.
    const status = await pass(request, `${target}${request.url}`, token).catch(() => 503);
    return answer(response, status, {});
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    environment: { WEBHOOKS_OIDC_ISSUER: url, WEBHOOKS_OIDC_AUDIENCE: audience, WEBHOOKS_OIDC_ACCOUNTS: account },
    endpoint: (path) => `${url}${path}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function pass(request: IncomingMessage, url: string, token: string): Promise<number> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const headers = { "content-type": "application/json", authorization: `Bearer ${token}` };
  return (await fetch(url, { method: "POST", headers, body: Buffer.concat(chunks) })).status;
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
