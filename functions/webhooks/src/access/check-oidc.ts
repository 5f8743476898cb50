import { discoveredKeys } from "@activity-events/process/discovered-keys";
import { errors, jwtVerify } from "jose";
import type { OidcSettings } from "../config/config.ts";
import { bearerOf } from "./check-token.ts";
import type { SenderAccess } from "./sender-access.ts";

/** Codes of failures to read the issuer's keys. */
const unreadKeys: ReadonlySet<string> = new Set([errors.JWKSTimeout.code, errors.JOSEError.code]);

/** Checks the ID token that Pub/Sub sends with a push, and the account that it names. Source: cloud.google.com, "Authenticate push". */
export function pushAccount({ issuer, audience, accounts }: OidcSettings): SenderAccess {
  const keys = discoveredKeys(issuer);
  const options = { issuer, audience, algorithms: ["RS256", "ES256"], requiredClaims: ["exp"], clockTolerance: 30 };
  return async ({ headers }) => {
    const token = bearerOf(headers.authorization);
    if (token === undefined) return false;
    try {
      const { email, email_verified: isVerified } = (await jwtVerify(token, keys, options)).payload;
      return typeof email === "string" && isVerified === true && accounts.includes(email);
    } catch (error) {
      // Keys that cannot be read now say nothing about the token.
      if (!(error instanceof errors.JOSEError) || unreadKeys.has(error.code)) throw error;
      return false;
    }
  };
}
