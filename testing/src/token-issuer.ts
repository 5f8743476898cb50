import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";

/** How a token differs from a valid one. */
export interface TokenInit {
  readonly audience?: string | undefined;
  readonly issuer?: string;
  readonly subject?: string;
  /** In s from now; by default 5 minutes. */
  readonly lastsSeconds?: number;
  /** In s from now. */
  readonly notBeforeSeconds?: number;
  readonly keyId?: string;
  /** Signs with a key that is not the issuer's. */
  readonly isForged?: boolean;
  /** Further claims. */
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** An issuer of OIDC tokens on this machine, which others find by OpenID Connect Discovery. */
export interface TokenIssuer extends AsyncDisposable {
  readonly url: string;
  /** The public key. */
  readonly key: JWK;
  /** Paths that were asked for so far. */
  readonly requests: readonly string[];
  token(init?: TokenInit): Promise<string>;
  /** Signs with a new key from now on; the old one is not published any more. */
  changeKey(): Promise<void>;
  /** Answers nothing any more, until it is back. */
  leave(): Promise<void>;
  comeBack(): Promise<void>;
}

interface SigningKey {
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
}

async function newKey(kid: string): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair("RS256", { extractable: true });
  return { privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: "RS256", use: "sig" } };
}

/** Starts an issuer. Its tokens are for the audience unless they say otherwise. */
export async function startIssuer(audience = "https://activity.example"): Promise<TokenIssuer> {
  let key = await newKey("1");
  const forger = await newKey("1");
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.url}`);
    response.setHeader("content-type", "application/json");
    if (request.url === "/keys") response.end(JSON.stringify({ keys: [key.jwk] }));
    else response.end(JSON.stringify({ issuer: url, jwks_uri: `${url}/keys` }));
  });
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, "127.0.0.1", () => resolve()));
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const leave = () => {
    server.closeAllConnections();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  };
  return {
    url,
    get key() {
      return key.jwk;
    },
    requests,
    token: (init = {}) => {
      const nowSeconds = Math.floor(Date.now() / 1_000);
      const jwt = new SignJWT({ ...init.claims })
        .setProtectedHeader({ alg: "RS256", kid: init.keyId ?? `${key.jwk.kid}` })
        .setIssuer(init.issuer ?? url)
        .setSubject(init.subject ?? "1")
        .setIssuedAt(nowSeconds)
        .setExpirationTime(nowSeconds + (init.lastsSeconds ?? 300));
      if (!("audience" in init)) jwt.setAudience(audience);
      else if (init.audience !== undefined) jwt.setAudience(init.audience);
      if (init.notBeforeSeconds !== undefined) jwt.setNotBefore(nowSeconds + init.notBeforeSeconds);
      return jwt.sign(init.isForged ? forger.privateKey : key.privateKey);
    },
    changeKey: async () => {
      key = await newKey(`${Number(key.jwk.kid) + 1}`);
    },
    leave,
    comeBack: () => listen(port),
    [Symbol.asyncDispose]: leave,
  };
}
