import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, SignJWT } from "jose";

/** An issuer of ID tokens on this machine, in the place of Google's. */
export interface TokenIssuer extends AsyncDisposable {
  /** Settings of webhooks that believe it. */
  readonly environment: Readonly<Record<string, string>>;
  token(claims?: TokenClaims): Promise<string>;
  /** Answers nothing any more. */
  leave(): void;
}

interface TokenClaims {
  readonly audience?: string;
  readonly issuer?: string;
  readonly email?: string;
  readonly emailVerified?: boolean;
  readonly expires?: string | number;
  /** Signs with a key that is not the issuer's. */
  readonly isForged?: boolean;
}

const account = "pusher@acme-prod.iam.gserviceaccount.com";
const audience = "https://webhooks.example";

/** Starts an issuer. */
export async function startIssuer(): Promise<TokenIssuer> {
  const keys = await generateKeyPair("RS256");
  const otherKeys = await generateKeyPair("RS256");
  const jwk = { ...(await exportJWK(keys.publicKey)), kid: "1", alg: "RS256", use: "sig" };
  const server = createServer((request, response) => {
    response.setHeader("content-type", "application/json");
    if (request.url === "/keys") response.end(JSON.stringify({ keys: [jwk] }));
    else response.end(JSON.stringify({ issuer: url, jwks_uri: `${url}/keys` }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const leave = () => {
    server.closeAllConnections();
    server.close();
  };
  return {
    environment: {
      WEBHOOKS_OIDC_ISSUER: url,
      WEBHOOKS_OIDC_AUDIENCE: audience,
      WEBHOOKS_OIDC_ACCOUNTS: `someone@example.com, ${account}`,
    },
    token: (claims = {}) =>
      new SignJWT({ email: claims.email ?? account, email_verified: claims.emailVerified ?? true })
        .setProtectedHeader({ alg: "RS256", kid: "1" })
        .setIssuer(claims.issuer ?? url)
        .setAudience(claims.audience ?? audience)
        .setSubject("1")
        .setIssuedAt()
        .setExpirationTime(claims.expires ?? "5m")
        .sign(claims.isForged ? otherKeys.privateKey : keys.privateKey),
    leave,
    [Symbol.asyncDispose]: async () => leave(),
  };
}
