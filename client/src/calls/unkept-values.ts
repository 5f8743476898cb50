import type { DescField, DescMessage, Message } from "@bufbuild/protobuf";
import { ScalarType } from "@bufbuild/protobuf";
import { StructSchema } from "@bufbuild/protobuf/wkt";
import { ActivityEventsError, type FieldViolation } from "../activity-events-error.ts";
import { isPlainObject } from "../events/check-event-init.ts";

// Far deeper than the service allows. Ends the walk over a cyclic value.
const depthMax = 100;

/**
 * Finds values that the encoder would silently replace: lone surrogates in text, and in JSON data -0 and values that JSON
 * does not have. `path` names the message, such as `event`.
 */
export function unkeptValues(schema: DescMessage, message: Message, path = ""): FieldViolation[] {
  const found: FieldViolation[] = [];
  walkMessage(schema, message, path, (field, description) => found.push({ field, description }));
  return found;
}

/** Throws INVALID_ARGUMENT if the encoder would alter a value of the message. */
export function refuseUnkept(schema: DescMessage, message: Message): void {
  throwIfAny(unkeptValues(schema, message));
}

/** Throws INVALID_ARGUMENT if there are violations. */
export function throwIfAny([first, ...others]: readonly FieldViolation[]): void {
  if (first !== undefined) throw unkept([first, ...others]);
}

/** Makes the error for a message that was not sent because of these values. */
export function unkept(violations: readonly [FieldViolation, ...FieldViolation[]]): ActivityEventsError {
  const [{ field, description }] = violations;
  return new ActivityEventsError({ code: "INVALID_ARGUMENT", message: `${field}: ${description}`, violations });
}

type Report = (field: string, description: string) => void;

function walkMessage(schema: DescMessage, message: Message, path: string, report: Report): void {
  const values = message as unknown as Readonly<Record<string, unknown>>;
  for (const field of schema.fields) {
    const value = values[field.localName];
    if (value === undefined || value === "") continue;
    const at = () => (path === "" ? field.name : `${path}.${field.name}`);
    walkField(field, value, at, report);
  }
}

function walkField(field: DescField, value: unknown, at: () => string, report: Report): void {
  if (field.fieldKind === "scalar") {
    if (field.scalar === ScalarType.STRING) checkText(value, at, report);
  } else if (field.fieldKind === "message") {
    if (field.message.typeName === StructSchema.typeName) walkJson(value, at, 0, report);
    else walkMessage(field.message, value as Message, at(), report);
  } else if (field.fieldKind === "list" && field.listKind === "message") {
    const items = value as readonly Message[];
    for (const [index, item] of items.entries()) walkMessage(field.message, item, `${at()}[${index}]`, report);
  } else if (field.fieldKind === "map") {
    for (const [key, item] of Object.entries(value as object)) {
      checkText(key, () => inBrackets(at, key), report);
      checkText(item, () => inBrackets(at, key), report);
    }
  }
}

function walkJson(value: unknown, at: () => string, depth: number, report: Report): void {
  const problem = depth > depthMax ? `must be at most ${depthMax} levels deep` : jsonProblem(value);
  if (problem !== undefined) {
    report(at(), problem);
  } else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) walkJson(item, () => `${at()}[${index}]`, depth + 1, report);
  } else if (typeof value === "object" && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      const inside = () => (/^\w+$/.test(key) ? `${at()}.${key}` : inBrackets(at, key));
      checkText(key, inside, report);
      walkJson(item, inside, depth + 1, report);
    }
  }
}

/** Finds the problem of a JSON value, apart from its members. */
function jsonProblem(value: unknown): string | undefined {
  if (value === null || typeof value === "boolean" || Array.isArray(value)) return undefined;
  if (typeof value === "string") return textProblem(value);
  if (typeof value === "number") {
    if (!Number.isFinite(value)) return `must be a finite number; found ${value}`;
    return Object.is(value, -0) ? "must not be a negative zero; write 0" : undefined;
  }
  return isPlainObject(value) ? undefined : `must be JSON; found ${nameOf(value)}`;
}

function checkText(value: unknown, at: () => string, report: Report): void {
  const problem = textProblem(value);
  if (problem !== undefined) report(at(), problem);
}

function textProblem(value: unknown): string | undefined {
  if (typeof value !== "string") return `must be a string; found ${nameOf(value)}`;
  return value.isWellFormed() ? undefined : "must not hold half of a surrogate pair, which is no text";
}

function nameOf(value: unknown): string {
  return typeof value === "object" && value !== null ? value.constructor.name : typeof value;
}

/** JSON escapes a lone surrogate, which no terminal can show. */
function inBrackets(at: () => string, key: string): string {
  return `${at()}[${JSON.stringify(key)}]`;
}
