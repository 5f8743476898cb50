import { escapeControls } from "@activity-events/client";
import type { JsonObject } from "@bufbuild/protobuf";
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { InvalidArgumentError } from "commander";
import { parseMoment } from "../text/moment.ts";
import { parseJson } from "../text/parse-json.ts";
import { parseTimestamp } from "../text/timestamp.ts";

const sequenceMax = 2n ** 63n - 1n;
const countMax = 2 ** 31 - 1;
const secondsMax = 86_400;

/** Parses a sequence, 0 to 2^63 - 1. */
export function parseSequence(text: string): bigint {
  const sequence = /^\d{1,19}$/.test(text) ? BigInt(text) : undefined;
  if (sequence !== undefined && sequence <= sequenceMax) return sequence;
  throw new InvalidArgumentError("Expected a sequence, an integer of at least 0.");
}

/** Parses a count, 1 to 2^31 - 1. */
export function parseCount(text: string): number {
  const count = /^\d{1,10}$/.test(text) ? Number(text) : 0;
  if (count >= 1 && count <= countMax) return count;
  throw new InvalidArgumentError("Expected an integer of at least 1.");
}

/** Parses seconds, above 0 and at most a day, into ms; fractions are allowed. */
export function parseSeconds(text: string): number {
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : 0;
  if (seconds > 0 && seconds <= secondsMax) return seconds * 1_000;
  throw new InvalidArgumentError(`Expected a number of seconds above 0, at most ${secondsMax}.`);
}

/** Parses an id. Refuses only the empty text, which would mean "no id"; the service validates the rest. */
export function parseId(text: string): string {
  if (text !== "") return text;
  throw new InvalidArgumentError("It is empty. Is a variable unset?");
}

/** Parses an id and appends it to `ids`. */
export function parseIds(text: string, ids: readonly string[] = []): readonly string[] {
  return [...ids, parseId(text)];
}

/** Parses the name of a file; refuses the empty text. */
export function parseFile(text: string): string {
  if (text !== "") return text;
  throw new InvalidArgumentError("Expected a file name; it is empty. Is a variable unset?");
}

/** Parses an RFC 3339 time, to the nanosecond. */
export function parseTime(text: string): Timestamp {
  return valid(() => parseTimestamp(text));
}

/** Parses a time of a filter: RFC 3339, a day, or a time ago. */
export function parseFilterTime(text: string): Timestamp {
  return valid(() => parseMoment(text, Date.now()));
}

/** Parses one `key=value` and adds it to `labels`; refuses a repeated key. */
export function parseLabel(text: string, labels: Readonly<Record<string, string>> = {}): Record<string, string> {
  const end = text.indexOf("=");
  if (end < 1) throw new InvalidArgumentError("Expected key=value.");
  const key = text.slice(0, end);
  if (Object.hasOwn(labels, key)) throw new InvalidArgumentError(`The key "${key}" is repeated.`);
  return { ...labels, [key]: text.slice(end + 1) };
}

/** Parses a JSON object without loss. */
export function parseJsonObject(text: string): JsonObject {
  const value = valid(() => parseJson(text));
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  throw new InvalidArgumentError('Expected a JSON object, such as {"replicas": 3}.');
}

/** Parses `HOST:PORT` or `dns:///NAME:PORT`; an IPv6 host needs brackets. */
export function parseAddress(text: string): string {
  const port = /^(?:\[[0-9a-f:.]+\]|(?:dns:\/\/\/)?[^\s:/[\]]+):(\d{1,5})$/i.exec(text)?.[1];
  if (port !== undefined && Number(port) >= 1 && Number(port) <= 65_535) return text;
  throw new InvalidArgumentError("Expected HOST:PORT, such as 127.0.0.1:50051 or [::1]:50051.");
}

/** Runs a parser and turns its error into one of the flag. */
function valid<Value>(parse: () => Value): Value {
  try {
    return parse();
  } catch (error) {
    throw new InvalidArgumentError(escapeControls((error as Error).message));
  }
}
