import { replaceControls } from "@activity-events/client/internal";
import { type DescMessage, type MessageShape, toJson } from "@bufbuild/protobuf";

/** Formats a message as proto JSON on one line. */
export function jsonLine<Schema extends DescMessage>(schema: Schema, message: MessageShape<Schema>): string {
  return safeJson(toJson(schema, message));
}

/** Formats a value as JSON on one line; control characters and line breaks become `\uXXXX`. */
export function safeJson(value: unknown): string {
  return replaceControls(JSON.stringify(value), (code) => `\\u${code.toString(16).padStart(4, "0")}`);
}
