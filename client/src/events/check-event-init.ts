import { EventSchema } from "@activity-events/proto/activityevents/v1/event_pb.js";
import type { FieldViolation } from "../activity-events-error.ts";

const names: ReadonlySet<string> = new Set(EventSchema.fields.map(({ localName }) => localName));

/** Rules for values that would otherwise change silently. Each returns the expectation, or undefined for a valid value. */
const kinds: Readonly<Record<string, (value: unknown) => string | undefined>> = {
  data: (value) => (isPlainObject(value) ? undefined : "must be a JSON object"),
  labels: (value) => (isPlainObject(value) ? undefined : "must be an object of texts"),
  sendTime: timeProblem,
  commitTime: timeProblem,
  severity: (value) => (Number.isInteger(value) ? undefined : "must be a number of the enum Severity"),
  outcome: (value) => (Number.isInteger(value) ? undefined : "must be a number of the enum Outcome"),
};

/**
 * Finds properties that the library would drop or convert: unknown fields and values of the wrong type. TypeScript does not
 * see these in parsed data. `path` names the event, such as `events[3]`.
 */
export function checkEventInit(init: unknown, path: string): FieldViolation[] {
  if (typeof init !== "object" || init === null) return [{ field: path, description: "must be an event" }];
  const found: FieldViolation[] = [];
  for (const [name, value] of Object.entries(init)) {
    if (name.startsWith("$") || value === undefined) continue;
    const description = names.has(name) ? kinds[name]?.(value) : "is not a field of an event";
    if (description !== undefined) found.push({ field: `${path}.${fieldName(name)}`, description });
  }
  return found;
}

/** Returns the contract's name of a field, or the given name. */
function fieldName(name: string): string {
  return EventSchema.fields.find(({ localName }) => localName === name)?.name ?? name;
}

function timeProblem(value: unknown): string | undefined {
  return isTime(value) ? undefined : "must be a Timestamp: seconds as a bigint, nanos as a whole number";
}

function isTime(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { seconds, nanos = 0 } = value as { readonly seconds?: unknown; readonly nanos?: unknown };
  return typeof seconds === "bigint" && Number.isInteger(nanos);
}

/** Tells whether a value is a plain object, of any realm. */
export function isPlainObject(value: unknown): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // Plain objects of another realm have that realm's prototype, which has none itself.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
