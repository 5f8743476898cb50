import { replaceControls } from "@activity-events/client/internal";
import { type DescMessage, type MessageShape, toJson } from "@bufbuild/protobuf";

/** A message as proto JSON on one line. */
export function jsonLine<Schema extends DescMessage>(schema: Schema, message: MessageShape<Schema>): string {
  return safeJson(toJson(schema, message));
}

/** A value as JSON on one line, with what could steer a terminal or break a line escaped in JSON's own way. */
export function safeJson(value: unknown): string {
  return replaceControls(JSON.stringify(value), (code) => `\\u${code.toString(16).padStart(4, "0")}`);
}
