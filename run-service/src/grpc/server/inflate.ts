import { promisify } from "node:util";
import { gunzip, inflate as inflateZlib } from "node:zlib";
import { limits } from "@activity-events/event-store";

const inflateBy = { gzip: promisify(gunzip), deflate: promisify(inflateZlib) } as const;

/** Compressions that clients may use. */
export type Encoding = keyof typeof inflateBy;

export function isEncoding(text: unknown): text is Encoding {
  return typeof text === "string" && Object.hasOwn(inflateBy, text);
}

/** Inflates a message. Throws if it is damaged, and `ERR_BUFFER_TOO_LARGE` if it is larger than a request may be. */
export function inflate(message: Buffer, encoding: Encoding): Promise<Buffer> {
  return inflateBy[encoding](message, { maxOutputLength: limits.requestBytesMax });
}
