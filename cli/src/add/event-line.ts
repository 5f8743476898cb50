import { type Event, EventSchema } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { type DescField, fromJson, type JsonValue } from "@bufbuild/protobuf";
import { TimestampSchema } from "@bufbuild/protobuf/wkt";
import { JsonFault, parseJson } from "../text/parse-json.ts";
import type { Line } from "../text/read-lines.ts";
import { parseTimestamp } from "../text/timestamp.ts";

const oneALine = "expected one JSON object per line, as `jq -c .` writes it";

/** A parsed line. */
export type ParsedLine =
  | { readonly kind: "event"; readonly event: Event }
  | { readonly kind: "blank" }
  | { readonly kind: "bad"; readonly problem: string };

/** Parses a line that holds an event in proto JSON. */
export function parseEventLine(line: Line): ParsedLine {
  if (line.kind === "unreadable") return { kind: "bad", problem: line.problem };
  if (line.text.trim() === "") return { kind: "blank" };
  try {
    return { kind: "event", event: eventFromJson(line.text) };
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error;
    return { kind: "bad", problem: error.message };
  }
}

/** Parses an event in proto JSON without loss. Throws a `JsonFault` that names the field. */
function eventFromJson(text: string): Event {
  const value = parse(text);
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new JsonFault(`not an event: ${oneALine}`);
  for (const field of EventSchema.fields) {
    for (const name of new Set([field.jsonName, field.name])) {
      const problem = Object.hasOwn(value, name) ? problemOf(field, value[name] as JsonValue) : undefined;
      if (problem !== undefined) throw new JsonFault(`${name}: ${problem}`);
    }
  }
  try {
    return fromJson(EventSchema, value);
  } catch (cause) {
    // Shorten the full name at the beginning.
    const said = (cause as Error).message.replace(/^cannot decode message [\w.]+ from JSON: /, "");
    throw new JsonFault(said.replace(/^cannot decode field [\w.]+\.(\w+) from JSON: /, "$1: "), { cause });
  }
}

function parse(text: string): JsonValue {
  try {
    return parseJson(text);
  } catch (error) {
    if (!(error instanceof JsonFault) || error.cause === undefined) throw error;
    throw new JsonFault(`${error.message}; ${oneALine}`, { cause: error });
  }
}

/** Checks values that the library would accept, or refuse with a poorer message. Returns the problem. */
function problemOf(field: DescField, value: JsonValue): string | undefined {
  if (field === EventSchema.field.eventId) {
    return value === "" || value === null ? "is empty; omit it to get a new id" : undefined;
  }
  if (value === null) return undefined;
  if (field.fieldKind === "enum" && typeof value === "string") {
    const names = field.enum.values.map(({ name }) => name);
    return names.includes(value) ? undefined : `expected one of ${names.join(", ")}; found ${JSON.stringify(value)}`;
  }
  if (field.fieldKind === "message" && field.message.typeName === TimestampSchema.typeName) {
    try {
      parseTimestamp(String(value));
    } catch (error) {
      return `${(error as Error).message} Found ${JSON.stringify(value)}.`;
    }
  }
  return undefined;
}
