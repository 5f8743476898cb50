import type { JsonValue } from "@bufbuild/protobuf";

/** A JSON text that is none, or holds what could not be kept as it is. */
export class JsonFault extends Error {
  override readonly name = "JsonFault";
}

/** An object or an array that is open, and what is being read of it. */
type Open =
  | { readonly kind: "object"; readonly keys: Set<string>; key: string; isAtKey: boolean }
  | { readonly kind: "array"; index: number };

/**
 * Parses a JSON text of which everything is kept. Throws a `JsonFault` that names the place for a key that is there twice, a
 * number that comes back as another one, and half of a surrogate pair: `JSON.parse` alters or drops these in silence.
 */
export function parseJson(text: string): JsonValue {
  const value = parse(text);
  const open: Open[] = [];
  const fault = (problem: string) => new JsonFault(`${pathOf(open)}: ${problem}`);
  for (let at = 0; at < text.length; at += 1) {
    const inner = open.at(-1);
    const character = text[at] as string;
    if (character === "{") open.push({ kind: "object", keys: new Set(), key: "", isAtKey: true });
    else if (character === "[") open.push({ kind: "array", index: 0 });
    else if (character === "}" || character === "]") open.pop();
    else if (character === ",") {
      if (inner?.kind === "array") inner.index += 1;
      else if (inner !== undefined) inner.isAtKey = true;
    } else if (character === '"') {
      const end = endOfString(text, at);
      const string: string = JSON.parse(text.slice(at, end));
      at = end - 1;
      if (inner?.kind === "object" && inner.isAtKey) {
        inner.isAtKey = false;
        inner.key = string;
        if (inner.keys.has(string)) throw fault("the key is there twice");
        inner.keys.add(string);
      }
      if (!string.isWellFormed()) throw fault("half of a surrogate pair is no text; leave it out");
    } else if (character === "-" || (character >= "0" && character <= "9")) {
      const end = endOfNumber(text, at);
      const token = text.slice(at, end);
      at = end - 1;
      if (!keepsNumber(token)) throw fault(`${token} cannot be kept as a number; write it as a string`);
    }
  }
  return value;
}

function parse(text: string): JsonValue {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new JsonFault(`no JSON: ${(cause as Error).message}`, { cause });
  }
}

/** Behind the closing quote of the string that begins here. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; ; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === '"') return at + 1;
  }
}

function endOfNumber(text: string, start: number): number {
  let end = start + 1;
  while (end < text.length && "0123456789.eE+-".includes(text[end] as string)) end += 1;
  return end;
}

/** Such as `data.regions[1]`; keys that are no plain names stand in quotes. */
function pathOf(open: readonly Open[]): string {
  const steps = open.map((level) => {
    if (level.kind === "array") return `[${level.index}]`;
    return /^\w+$/.test(level.key) ? `.${level.key}` : `[${JSON.stringify(level.key)}]`;
  });
  return steps.join("").replace(/^\./, "") || "the value";
}

/**
 * Whether a number of a JSON text comes back as the same number when it is kept as a double: no zero with a sign, nothing
 * beyond the range, and no integer between two doubles. Fractions of up to 17 digits are what doubles are written with.
 */
function keepsNumber(token: string): boolean {
  if (/^(?:0|-?[1-9]\d{0,14})$/.test(token)) return true;
  const value = Number(token);
  if (!Number.isFinite(value) || Object.is(value, -0)) return false;
  const [asked, kept] = [decimalOf(token), decimalOf(String(value))];
  if (asked.digits === kept.digits && asked.exponent === kept.exponent) return true;
  return value !== 0 && !Number.isInteger(value) && asked.digits.length <= 17;
}

/** The digits without zeros at their ends, and the power of ten of the last; one pair for each value but its sign. */
function decimalOf(token: string): { readonly digits: string; readonly exponent: number } {
  const [mantissa = "", power = "0"] = token.toLowerCase().replace("-", "").split("e");
  const [whole = "", fraction = ""] = mantissa.split(".");
  const all = `${whole}${fraction}`.replace(/^0+/, "");
  const digits = all.replace(/0+$/, "");
  if (digits === "") return { digits, exponent: 0 };
  return { digits, exponent: Number(power) - fraction.length + all.length - digits.length };
}
