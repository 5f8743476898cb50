import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";

/** Type of the events that say which event was redacted. */
export const redactedType = "activityevents.redacted";

/** What a redaction keeps of an event: enough to prove its place in the history, and to recognize its content. */
export interface Redaction {
  /** Commitment to what was there, 32 bytes. */
  readonly commitment: Uint8Array;
  /** Id of the key of `contentMac`, 8 bytes. */
  readonly keyId: Uint8Array;
  /** HMAC-SHA-256 of the content that was there, 32 bytes. */
  readonly contentMac: Uint8Array;
}

/** A store's key for the contents of redacted events. */
export interface RedactionKey {
  /** The first 8 bytes of the SHA-256 of `secret`. */
  readonly id: Uint8Array;
  /** 32 random bytes. */
  readonly secret: Uint8Array;
}

/** Finds a key of the store by its id. */
export type FindKey = (id: Uint8Array) => RedactionKey | undefined;

export function redactionKeyOf(secret: Uint8Array): RedactionKey {
  return { id: createHash("sha256").update(secret).digest().subarray(0, 8), secret };
}

export function newRedactionKey(): RedactionKey {
  return redactionKeyOf(randomBytes(32));
}

/** Returns the HMAC-SHA-256 of a content, 32 bytes. */
export function macOf({ secret }: RedactionKey, content: Uint8Array): Uint8Array {
  return createHmac("sha256", secret).update(content).digest();
}

/** Tells whether offered content is what was there before a redaction; false if the store has lost the key. */
export function isRedactedContent({ keyId, contentMac }: Redaction, content: Uint8Array, find: FindKey): boolean {
  const key = find(keyId);
  return key !== undefined && timingSafeEqual(macOf(key, content), contentMac);
}
