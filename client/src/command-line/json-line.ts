import { type DescMessage, type MessageShape, toJson } from "@bufbuild/protobuf";

/** A message as proto JSON on one line. */
export function jsonLine<Schema extends DescMessage>(schema: Schema, message: MessageShape<Schema>): string {
  return safeJson(toJson(schema, message));
}

/** A value as JSON on one line, with the control characters escaped that JSON itself allows raw. */
export function safeJson(value: unknown): string {
  const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(value).replace(/[\x7f-\x9f\u2028\u2029]/g, escaped);
}
