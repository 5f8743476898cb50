import { createCipheriv, createDecipheriv, hash, randomBytes } from "node:crypto";
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
  if (token !== encodePageToken(scope, cursor)) throw invalid();
  return cursor;
}

const cipher = "aes-256-gcm";
const [nonceBytes, tagBytes] = [12, 16];

/** The same for a caller to whom the cursor must tell nothing: it may name a deployment that the caller may not read. */
export function encryptPageToken(scope: unknown, cursor: string, key: Uint8Array): string {
  const nonce = randomBytes(nonceBytes);
  const sealing = createCipheriv(cipher, key, nonce).setAAD(Buffer.from(JSON.stringify(scope)));
  // Padded, because its length would tell that of the id.
  const sealed = Buffer.concat([sealing.update(cursor.padEnd(cursorLengthMax)), sealing.final()]);
  return Buffer.concat([nonce, sealed, sealing.getAuthTag()]).toString("base64url");
}

/** Create time and id of a deployment. */
const cursorLengthMax = 160;

/** Returns the cursor of an encrypted token; throws a Refusal if it belongs to another scope, or another store. */
export function decryptPageToken(scope: unknown, token: string, key: Uint8Array): string {
  const bytes = Buffer.from(token, "base64url");
  if (bytes.length <= nonceBytes + tagBytes || token !== bytes.toString("base64url")) throw invalid();
  try {
    const opening = createDecipheriv(cipher, key, bytes.subarray(0, nonceBytes));
    opening.setAAD(Buffer.from(JSON.stringify(scope))).setAuthTag(bytes.subarray(-tagBytes));
    const opened = [opening.update(bytes.subarray(nonceBytes, -tagBytes)), opening.final()];
    return Buffer.concat(opened).toString().trimEnd();
  } catch {
    throw invalid();
  }
}

function invalid(): Refusal {
  return new Refusal("PAGE_TOKEN_INVALID", "page_token does not belong to a request with these fields", {
    metadata: { field: "page_token" },
    violations: [
      { field: "page_token", description: "must be a next_page_token of the same request; start without one" },
    ],
  });
}

function digest(scope: unknown, cursor: string): string {
  return hash("sha256", JSON.stringify([scope, cursor]), "base64url").slice(0, digestLength);
}
