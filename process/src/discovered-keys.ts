import { createRemoteJWKSet, type JWTVerifyGetKey } from "jose";

/** Finds the issuer's keys at the first request: the issuer may be away while this starts. Source: OpenID Connect Discovery 1.0. */
export function discoveredKeys(issuer: string): JWTVerifyGetKey {
  let found: Promise<JWTVerifyGetKey> | undefined;
  return async (header, token) => {
    found ??= discover(issuer).catch((error: unknown) => {
      found = undefined;
      throw error;
    });
    return (await found)(header, token);
  };
}

async function discover(issuer: string): Promise<JWTVerifyGetKey> {
  const url = `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
  const answer = await fetch(url, { signal: AbortSignal.timeout(5_000), redirect: "error" });
  if (!answer.ok) throw new Error(`${url} answers ${answer.status}`);
  const { issuer: said, jwks_uri: keys } = (await answer.json()) as {
    readonly issuer?: string;
    readonly jwks_uri?: string;
  };
  if (said !== issuer || keys === undefined) throw new Error(`${url} is not about ${issuer}`);
  return createRemoteJWKSet(new URL(keys));
}
