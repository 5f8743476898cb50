import { isSameSecret } from "./is-same-secret.ts";
import type { SenderAccess } from "./sender-access.ts";

/** Checks a bearer token, in `Authorization`. */
export function bearerToken(token: string): SenderAccess {
  return ({ headers }) => isSameSecret(bearerOf(headers.authorization) ?? "", token);
}

/** Checks a token in a header of the sender's own. */
export function headerToken(name: string, token: string): SenderAccess {
  return ({ headers }) => isSameSecret(headers[name] ?? "", token);
}

/** Reads the bearer token of an `Authorization` header. */
export function bearerOf(authorization: string | undefined): string | undefined {
  return /^Bearer +([^\s,]+)$/i.exec(authorization ?? "")?.[1];
}
