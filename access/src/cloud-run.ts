import { decodeJwt, decodeProtectedHeader } from "jose";
import { bearerIn } from "./bearer.ts";
import { type Credentials, CredentialsError } from "./credentials.ts";
import type { Identity } from "./identity.ts";
import { clockToleranceSeconds, tokenIdentity } from "./token-identity.ts";

/** What Cloud Run puts in the place of a signature that it has verified. */
const removedSignature = "SIGNATURE_REMOVED_BY_GOOGLE";
const issuers: ReadonlySet<unknown> = new Set(["https://accounts.google.com", "accounts.google.com"]);

/**
 * Reads the token that Cloud Run's IAM has verified: that of `x-serverless-authorization` if there is one, since Cloud Run then
 * checked that one alone. Source: Google Cloud, "Authenticating service-to-service".
 */
export function cloudRunIdentity(credentials: Credentials, audiences: readonly string[], nowMs: number): Identity {
  const { serverlessAuthorization, authorization } = credentials;
  const headers = serverlessAuthorization.length > 0 ? serverlessAuthorization : authorization;
  const token = bearerIn(headers);
  if (token === undefined)
    throw new CredentialsError("missing", "the call brings no token that Cloud Run has verified");
  const [, , signature, ...more] = token.split(".");
  if (signature !== removedSignature || more.length > 0)
    throw new CredentialsError("invalid", "the token was not verified by Cloud Run");
  const payload = payloadIn(token);
  if (!issuers.has(payload.iss)) throw new CredentialsError("issuer", "the token is not Google's");
  const audience = typeof payload.aud === "string" ? [payload.aud] : (payload.aud ?? []);
  if (!audience.some((one) => audiences.includes(one)))
    throw new CredentialsError("audience", "the token is for another audience");
  const { exp } = payload;
  if (typeof exp !== "number") throw new CredentialsError("invalid", "the token has no end");
  if (exp + clockToleranceSeconds <= nowMs / 1_000) throw new CredentialsError("expired", "the token has expired");
  return tokenIdentity(payload, { names: { by: "email", domains: undefined }, groups: undefined });
}

function payloadIn(token: string) {
  try {
    if (decodeProtectedHeader(token).alg !== "RS256") throw new Error("another algorithm than Google's");
    return decodeJwt(token);
  } catch (cause) {
    throw new CredentialsError("invalid", "the token cannot be read", { cause });
  }
}
