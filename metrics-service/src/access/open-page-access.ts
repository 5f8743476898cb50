import type { Access } from "@activity-events/access/access";
import { anonymous } from "@activity-events/access/identity";
import { clockToleranceSeconds } from "@activity-events/access/token-identity";
import { discoveredKeys, keysAt } from "@activity-events/process/issuer-keys";
import { type JWTPayload, type JWTVerifyGetKey, jwtVerify } from "jose";
import type { AccessSettings } from "../config/config.ts";
import { AccessDeniedError, PageAccess, type Proof, type Prove } from "./page-access.ts";

/** Source: Google Cloud, "Securing your app with signed headers". */
const iap = {
  header: "x-goog-iap-jwt-assertion",
  issuer: "https://cloud.google.com/iap",
  keys: "https://www.gstatic.com/iap/verify/public_key-jwk",
} as const;

/** Tokens that prove who somebody is. */
interface Tokens {
  /** Returns the token of a request. */
  readonly tokenOf: (headers: Readonly<Record<string, string | string[] | undefined>>) => string | undefined;
  readonly keys: JWTVerifyGetKey;
  readonly issuer: string;
  readonly audience: string;
  readonly algorithms: readonly string[];
  /** Words for one who has no token. */
  readonly advice: string;
  /** Returns the claims of a verified token, as an access file reads them. */
  readonly claimsOf?: (payload: JWTPayload) => JWTPayload;
}

interface PageAccessOptions {
  /** Rules of the access file, if there is one. */
  readonly access?: Access | undefined;
  /** Keys of IAP; Google's unless given. */
  readonly iapKeys?: JWTVerifyGetKey;
}

/** Proof of a request where nobody checks identities. */
const noProof: Proof = {
  principal: "",
  expiresMs: Number.POSITIVE_INFINITY,
  callerBy: (access) => access.callerOf(anonymous),
};

/** Makes the check of who looks at the page. */
export function openPageAccess(settings: AccessSettings, { access, iapKeys }: PageAccessOptions = {}): PageAccess {
  return new PageAccess(proverOf(settings, iapKeys ?? keysAt(iap.keys)), access);
}

function proverOf(settings: AccessSettings, iapKeys: JWTVerifyGetKey): Prove {
  switch (settings.kind) {
    case "loopback":
    case "open":
      return async () => noProof;
    case "iap":
      return prover({
        tokenOf: (headers) => single(headers[iap.header]),
        keys: iapKeys,
        issuer: iap.issuer,
        audience: settings.audience,
        algorithms: ["ES256"],
        advice: "open the page through Identity-Aware Proxy",
        // IAP asserts the address itself, and does not say so in a claim.
        claimsOf: (payload) => ({ ...payload, email_verified: true }),
      });
    case "oidc":
      return prover({
        tokenOf: ({ authorization }) => /^Bearer ([^\s]+)$/i.exec(single(authorization) ?? "")?.[1],
        keys: discoveredKeys(settings.issuer),
        issuer: settings.issuer,
        audience: settings.audience,
        algorithms: ["RS256", "PS256", "ES256", "EdDSA"],
        advice: "open the page through the proxy that signs you in",
      });
  }
}

function prover({
  tokenOf,
  keys,
  issuer,
  audience,
  algorithms,
  advice,
  claimsOf = (payload) => payload,
}: Tokens): Prove {
  return async (headers) => {
    const token = tokenOf(headers);
    if (token === undefined) throw new AccessDeniedError("UNAUTHENTICATED", `the request names nobody; ${advice}`);
    const options = {
      issuer,
      audience,
      algorithms: [...algorithms],
      requiredClaims: ["exp", "sub"],
      clockTolerance: clockToleranceSeconds,
    };
    const { payload } = await jwtVerify(token, keys, options).catch((cause) => {
      throw new AccessDeniedError("UNAUTHENTICATED", `the proof of who you are is not valid; ${advice}`, { cause });
    });
    const { email, sub, exp = 0 } = payload;
    return {
      principal: `user:${typeof email === "string" ? email : sub}`,
      expiresMs: (exp + clockToleranceSeconds) * 1_000,
      callerBy: (access) => access.callerOfToken(claimsOf(payload), issuer),
    };
  };
}

/** Repeated header fields name nobody. */
function single(value: string | string[] | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}
