import { discoveredKeys, KeysUnreadError } from "@activity-events/process/issuer-keys";
import { jwtVerify } from "jose";
import type { OidcSettings } from "../config/config.ts";
import { bearerOf } from "./check-token.ts";
import type { SenderAccess } from "./sender-access.ts";

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
      if (error instanceof KeysUnreadError) throw error;
      return false;
    }
  };
}
