import type { StoredEvent } from "../../domain/event.ts";
import type { Redaction } from "../../domain/redaction.ts";

const [commitmentBytes, keyIdBytes, macBytes] = [32, 8, 32];

/** Length of the column of a redacted event, in bytes. */
export const redactionBytes: number = commitmentBytes + keyIdBytes + macBytes;

/** Returns the column of an event: its salt, or what its redaction keeps. */
export function saltColumn({ salt, redaction }: Pick<StoredEvent, "salt" | "redaction">): Uint8Array {
  if (redaction === undefined) return salt;
  return Buffer.concat([redaction.commitment, redaction.keyId, redaction.contentMac]);
}

/** Parses the column of an event. */
export function saltOf(column: Uint8Array): { readonly salt: Uint8Array; readonly redaction?: Redaction } {
  if (column.length !== redactionBytes) return { salt: column };
  const macAt = commitmentBytes + keyIdBytes;
  const commitment = column.slice(0, commitmentBytes);
  const keyId = column.slice(commitmentBytes, macAt);
  return { salt: noSalt, redaction: { commitment, keyId, contentMac: column.slice(macAt) } };
}

const noSalt = new Uint8Array();
