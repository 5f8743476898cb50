import { hash } from "node:crypto";
import { Refusal } from "../../application/refusal.ts";

const digestLength = 16;

/**
 * Makes a token for the rest of a list. `scope` holds the parts of the request that must not change; the token is valid
 * only for it, and for ever.
 */
export function encodePageToken(scope: unknown, cursor: string): string {
  return Buffer.from(digest(scope, cursor) + cursor).toString("base64url");
}

/** Returns the cursor of a token; throws a Refusal if it belongs to another scope. */
export function decodePageToken(scope: unknown, token: string): string {
  const text = Buffer.from(token, "base64url").toString();
  const cursor = text.slice(digestLength);
  if (token !== encodePageToken(scope, cursor)) {
    throw new Refusal("PAGE_TOKEN_INVALID", "page_token does not belong to a request with these fields", {
      metadata: { field: "page_token" },
      violations: [
        { field: "page_token", description: "must be a next_page_token of the same request; start without one" },
      ],
    });
  }
  return cursor;
}

function digest(scope: unknown, cursor: string): string {
  return hash("sha256", JSON.stringify([scope, cursor]), "base64url").slice(0, digestLength);
}
