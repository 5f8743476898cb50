import { Timestamp } from "@google-cloud/firestore";
import { type EventFacts, labelsFromJson } from "../domain/event.ts";
import { microsecondsOf } from "./timestamps.ts";

// Parsers of document fields, which anybody may have changed by hand. Each throws the expected form.

export function sequenceIn(value: unknown): number {
  if (Number.isSafeInteger(value) && (value as number) >= 1) return value as number;
  throw new Error(`a sequence was expected, found ${value}`);
}

export function integerIn(value: unknown): number {
  if (Number.isSafeInteger(value)) return value as number;
  throw new Error(`a whole number was expected, found ${value}`);
}

export function textIn(value: unknown): string {
  if (typeof value === "string") return value;
  throw new Error(`a text was expected, found ${value}`);
}

export function oneOf<Value extends string>(values: readonly Value[], value: unknown): Value {
  const known = values.find((candidate) => candidate === value);
  if (known !== undefined) return known;
  throw new Error(`one of ${values.join(", ")} was expected, found ${value}`);
}

/** Parses a time into microseconds since 1970. */
export function timeIn(value: unknown): number {
  if (value instanceof Timestamp) return microsecondsOf(value);
  throw new Error(`a time was expected, found ${value}`);
}

/** Parses bytes into a plain array, like the other stores. */
export function bytesIn(value: unknown): Uint8Array {
  if (ArrayBuffer.isView(value)) return new Uint8Array(value as Uint8Array);
  throw new Error(`bytes were expected, found ${typeof value}`);
}

export function labelsIn(value: unknown): EventFacts["labels"] {
  const labels = labelsFromJson(textIn(value));
  if (labels !== undefined) return labels;
  throw new Error("labels were expected");
}

/** Treats absent and null fields of older versions as undefined. */
export function optional<Value>(read: (value: unknown) => Value, value: unknown): Value | undefined {
  return value === undefined || value === null ? undefined : read(value);
}

export function mapIn(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new Error(`a map was expected, found ${value}`);
}

export function hashIn(value: unknown): Uint8Array {
  return bytesOf(32, value);
}

export function saltIn(value: unknown): Uint8Array {
  return bytesOf(16, value);
}

export function keyIdIn(value: unknown): Uint8Array {
  return bytesOf(8, value);
}

function bytesOf(length: number, value: unknown): Uint8Array {
  const bytes = bytesIn(value);
  if (bytes.length === length) return bytes;
  throw new Error(`${length} bytes were expected, found ${bytes.length}`);
}
