import { type Event, EventSchema } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { type DescEnum, fromJson, type JsonObject, type JsonValue } from "@bufbuild/protobuf";
import { TimestampSchema } from "@bufbuild/protobuf/wkt";
import { enumNames, enumNumber } from "../text/enum-name.ts";
import { nearestName, slipMax } from "../text/nearest-name.ts";
import { JsonFault, parseJson } from "../text/parse-json.ts";
import type { Line } from "../text/read-lines.ts";
import { parseTimestamp } from "../text/timestamp.ts";

const oneALine = "expected one event a line, as `jq -c .` writes it";

/** A parsed line. */
export type ParsedLine =
  | { readonly kind: "event"; readonly event: Event; readonly warning?: string }
  | { readonly kind: "blank" }
  /** Says nothing that is recorded. */
  | { readonly kind: "skipped" }
  /** Belongs to a bad line before it, which says why. */
  | { readonly kind: "part" }
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
  if (Array.isArray(value)) throw new JsonFault("an array; expected one event a line: `jq -c '.[]'` makes that");
  if (typeof value !== "object" || value === null) throw new JsonFault(`not an event: ${oneALine}`);
  const named: JsonObject = {};
  for (const [name, member] of Object.entries(value)) named[name] = checkedMember(name, member);
  try {
    return fromJson(EventSchema, named);
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
    // The parser counts lines in this one line.
    const said = error.message.replace(/(?: in JSON)? at position \d+ \(line 1 column (\d+)\)/, " at column $1");
    throw new JsonFault(`${said}; ${oneALine}`, { cause: error });
  }
}

/** Returns a member as the library takes it. Throws a fault where the library would say less or accept too much. */
function checkedMember(name: string, value: JsonValue): JsonValue {
  const fault = (problem: string) => new JsonFault(`${name}: ${problem}`);
  const field = EventSchema.fields.find((each) => each.jsonName === name || each.name === name);
  if (field === undefined) throw new JsonFault(unknownKey(name));
  if (field === EventSchema.field.eventId && (value === "" || value === null)) {
    throw fault("is empty; omit it to get a new id");
  }
  if (value === null) return null;
  if (field.fieldKind === "enum") return checkedEnum(field.enum, value, fault);
  if (field.fieldKind === "map") checkTexts(name, value);
  if (field.fieldKind === "message" && field.message.typeName === TimestampSchema.typeName) {
    try {
      parseTimestamp(String(value));
    } catch (error) {
      throw fault(`${(error as Error).message} Found ${JSON.stringify(value)}.`);
    }
  }
  if (field === EventSchema.field.data && (typeof value !== "object" || Array.isArray(value))) {
    throw fault(`expected an object; found ${JSON.stringify(value)}`);
  }
  return value;
}

/** Takes a number as it is, and a name bare or as in the proto, in any case. */
function checkedEnum(schema: DescEnum, value: JsonValue, fault: (problem: string) => JsonFault): JsonValue {
  const number = typeof value === "string" ? enumNumber(schema, value) : value;
  if (typeof number === "number" && Number.isInteger(number)) return number;
  throw fault(`expected one of ${enumNames(schema).join(", ")}; found ${JSON.stringify(value)}`);
}

function checkTexts(name: string, value: JsonValue): void {
  if (typeof value !== "object" || Array.isArray(value) || value === null) {
    throw new JsonFault(`${name}: expected an object; found ${JSON.stringify(value)}`);
  }
  for (const [key, text] of Object.entries(value)) {
    if (typeof text === "string") continue;
    throw new JsonFault(`${name}[${JSON.stringify(key)}]: expected a string; found ${JSON.stringify(text)}`);
  }
}

function unknownKey(name: string): string {
  const nearest = nearestName(
    name.toLowerCase(),
    EventSchema.fields.map(({ jsonName }) => jsonName),
  );
  const meant = nearest !== undefined && nearest.distance <= slipMax ? `; did you mean "${nearest.name}"?` : "";
  return `key ${JSON.stringify(name)} is unknown${meant}`;
}
