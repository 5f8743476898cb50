import { discoveredKeys, keysAt } from "@activity-events/process/issuer-keys";
import { type JWTVerifyGetKey, jwtVerify } from "jose";
import type { AccessSettings } from "../config/config.ts";
import { AccessDeniedError, type PageAccess } from "./page-access.ts";

/** Source: Google Cloud, "Securing your app with signed headers". */
const iap = {
  header: "x-goog-iap-jwt-assertion",
  issuer: "https://cloud.google.com/iap",
  keys: "https://www.gstatic.com/iap/verify/public_key-jwk",
} as const;

interface Proof {
  /** Returns the token of a request. */
  readonly tokenOf: (headers: Readonly<Record<string, string | string[] | undefined>>) => string | undefined;
  readonly keys: JWTVerifyGetKey;
  readonly issuer: string;
  readonly audience: string;
  readonly algorithms: readonly string[];
  /** Words for one who has no token. */
  readonly advice: string;
}

/** Makes the check of who sends a request. `iapKeys` are Google's unless given. */
export async function openPageAccess(
  settings: AccessSettings,
  iapKeys: JWTVerifyGetKey = keysAt(iap.keys),
): Promise<PageAccess> {
  switch (settings.kind) {
    case "loopback":
    case "open":
      return async () => ({ principal: undefined });
    case "iap":
      return proved({
        tokenOf: (headers) => single(headers[iap.header]),
        keys: iapKeys,
        issuer: iap.issuer,
        audience: settings.audience,
        algorithms: ["ES256"],
        advice: "open the page through Identity-Aware Proxy",
      });
    case "oidc":
      return proved({
        tokenOf: ({ authorization }) => /^Bearer ([^\s]+)$/i.exec(single(authorization) ?? "")?.[1],
        keys: discoveredKeys(settings.issuer),
        issuer: settings.issuer,
        audience: settings.audience,
        algorithms: ["RS256", "PS256", "ES256", "EdDSA"],
        advice: "open the page through the proxy that signs you in",
      });
  }
}

function proved({ tokenOf, keys, issuer, audience, algorithms, advice }: Proof): PageAccess {
  return async (headers) => {
    const token = tokenOf(headers);
    if (token === undefined) throw new AccessDeniedError(`the request names nobody; ${advice}`);
    const options = {
      issuer,
      audience,
      algorithms: [...algorithms],
      requiredClaims: ["exp", "sub"],
      clockTolerance: 30,
    };
    const { payload } = await jwtVerify(token, keys, options).catch((cause) => {
      throw new AccessDeniedError(`the proof of who you are is not valid; ${advice}`, { cause });
    });
    const { email, sub } = payload;
    return { principal: `user:${typeof email === "string" ? email : sub}` };
  };
}

/** Repeated header fields name nobody. */
function single(value: string | string[] | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}
