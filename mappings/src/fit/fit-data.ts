import { EventSchema } from "@activity-events/client";
import { create, type JsonObject, type JsonValue, toBinary } from "@bufbuild/protobuf";
import { limits } from "../limits.ts";
import type { PayloadValue } from "../payload/parse-payload.ts";

/**
 * Makes an object of a payload the `data` of an event: integers that a double cannot hold become texts of digits. Undefined if it is
 * empty, too deep or of more than so many bytes.
 */
export function fitData(value: PayloadValue | undefined, bytesMax: number): JsonObject | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  if (Object.keys(value).length === 0 || isDeeper(value, limits.dataDepthMax)) return undefined;
  const data = fitValue(value) as JsonObject;
  return encodedBytes(data) <= bytesMax ? data : undefined;
}

function encodedBytes(data: JsonObject): number {
  return toBinary(EventSchema, create(EventSchema, { data })).length;
}

/** Tells whether a value has more levels than so many. */
function isDeeper(value: PayloadValue, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((item) => isDeeper(item, levels - 1));
}

function fitValue(value: PayloadValue): JsonValue {
  if (typeof value === "bigint") return String(value);
  if (typeof value === "string") return value.toWellFormed();
  // JSON has numbers that are infinite as doubles.
  if (typeof value === "number") return Number.isFinite(value) ? value + 0 : String(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(fitValue);
  // No assignment: `__proto__` is a name like any other here, and none for the library.
  const entries = Object.entries(value).filter(([name]) => name !== "__proto__");
  return Object.fromEntries(entries.map(([name, item]) => [name.toWellFormed(), fitValue(item)]));
}
