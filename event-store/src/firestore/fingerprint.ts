import { hash } from "node:crypto";

/**
 * Computes SHA-256 of an encoded content, 32 bytes. Equal fingerprints prove equal content; different ones prove
 * nothing.
 */
export function fingerprint(content: Uint8Array): Uint8Array {
  return hash("sha256", content, "buffer");
}
