import { MappingError } from "../mapping-error.ts";
import { Fields } from "../payload/fields.ts";
import { type PayloadValue, parsePayload } from "../payload/parse-payload.ts";

/** A message that Pub/Sub pushed. */
export interface PushedMessage {
  readonly attributes: Fields;
  /** Bytes of the message's data; may be empty. */
  readonly data: Uint8Array;
  /** The message itself, with `messageId` and `publishTime`. */
  readonly message: Fields;
}

/** Reads the body of a push subscription with Pub/Sub's wrapping. Throws a MappingError. */
export function readPush(body: PayloadValue): PushedMessage {
  const message = new Fields(body).object("message");
  const data = message.optionalText("data");
  if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(data)) throw new MappingError(message.at("data"), "must be Base64");
  return { attributes: message.optionalObject("attributes"), data: Buffer.from(data, "base64"), message };
}

/** Parses the data of a pushed message as JSON. */
export function pushedJson({ data, message }: PushedMessage): PayloadValue {
  if (data.length === 0) throw new MappingError(message.at("data"), "must be JSON; found nothing");
  try {
    return parsePayload(data);
  } catch (cause) {
    throw new MappingError(message.at("data"), "must be JSON in Base64", { cause });
  }
}
