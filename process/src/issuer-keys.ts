import { createLocalJWKSet, createRemoteJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from "jose";

/** Age of keys after which they are read anew, in ms, while the old ones serve. */
const renewAfterMs = 600_000;

/** Shortest time between attempts to read keys, in ms: tokens with unknown key ids must not make a storm of them. */
const attemptIntervalMs = 30_000;

/** Longest wait for an issuer, in ms. */
const patienceMs = 5_000;

/** Keys that cannot be read now; nothing is known of the token. */
export class KeysUnreadError extends Error {
  override readonly name = "KeysUnreadError";
}

/** Finds the issuer's keys at the first request: the issuer may be away while this starts. Source: OpenID Connect Discovery 1.0. */
export function discoveredKeys(issuer: string): JWTVerifyGetKey {
  return lastingKeys(() => discover(issuer));
}

/** Reads the keys at a URL at the first request. */
export function keysAt(url: string): JWTVerifyGetKey {
  return lastingKeys(async () => new URL(url));
}

/** Uses the keys of a JSON Web Key Set. */
export function keysOf(keys: object): JWTVerifyGetKey {
  return createLocalJWKSet(keys as JSONWebKeySet);
}

/** Keys that go on to serve when their issuer is away. */
function lastingKeys(find: () => Promise<URL>): JWTVerifyGetKey {
  type Remote = ReturnType<typeof createRemoteJWKSet>;
  let found: Promise<Remote> | undefined;
  let triedMs = Number.NEGATIVE_INFINITY;
  let readMs = Number.NEGATIVE_INFINITY;
  const open = async () => {
    triedMs = performance.now();
    // They never get too old for use: an issuer that is away would else shut out everybody.
    const remote = createRemoteJWKSet(await find(), {
      cacheMaxAge: Number.POSITIVE_INFINITY,
      cooldownDuration: attemptIntervalMs,
      timeoutDuration: patienceMs,
    });
    await remote.reload();
    readMs = performance.now();
    return remote;
  };
  const renew = (remote: Remote) => {
    const nowMs = performance.now();
    if (nowMs - readMs < renewAfterMs || nowMs - triedMs < attemptIntervalMs) return;
    triedMs = nowMs;
    remote.reload().then(
      () => {
        readMs = performance.now();
      },
      () => {},
    );
  };
  return async (header, token) => {
    if (found === undefined) {
      if (performance.now() - triedMs < attemptIntervalMs)
        throw new KeysUnreadError("the issuer was away a moment ago");
      found = open().catch((cause: unknown) => {
        found = undefined;
        throw new KeysUnreadError("the issuer's keys cannot be read", { cause });
      });
    }
    const remote = await found;
    renew(remote);
    try {
      return await remote(header, token);
    } catch (error) {
      // An unknown key id makes the library read again; that it cannot says nothing of the token.
      if (
        error instanceof errors.JOSEError &&
        error.code !== errors.JOSEError.code &&
        error.code !== errors.JWKSTimeout.code
      )
        throw error;
      throw new KeysUnreadError("the issuer's keys cannot be read", { cause: error });
    }
  };
}

async function discover(issuer: string): Promise<URL> {
  const url = `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
  const answer = await fetch(url, { signal: AbortSignal.timeout(patienceMs), redirect: "error" });
  if (!answer.ok) throw new Error(`${url} answers ${answer.status}`);
  const { issuer: said, jwks_uri: keys } = (await answer.json()) as {
    readonly issuer?: string;
    readonly jwks_uri?: string;
  };
  if (said !== issuer || keys === undefined) throw new Error(`${url} is not about ${issuer}`);
  return new URL(keys);
}
