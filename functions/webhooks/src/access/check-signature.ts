import { createHmac } from "node:crypto";
import { isSameSecret } from "./is-same-secret.ts";
import type { SenderAccess } from "./sender-access.ts";

/** Checks GitHub's signature of the body. Source: docs.github.com, "Validating webhook deliveries". */
export function githubSignature(secret: string): SenderAccess {
  return ({ headers, body }) => {
    const expected = `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;
    return isSameSecret(headers["x-hub-signature-256"] ?? "", expected);
  };
}
