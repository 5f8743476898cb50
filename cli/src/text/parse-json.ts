import type { JsonValue } from "@bufbuild/protobuf";

/** The text is not JSON, or holds a value that parsing would alter. */
export class JsonFault extends Error {
  override readonly name = "JsonFault";
}

/** An object or array that is still open, and the position in it. */
type Open =
  | { readonly kind: "object"; readonly keys: Set<string>; key: string; isAtKey: boolean }
  | { readonly kind: "array"; index: number };

/**
 * Parses JSON without loss. Throws a `JsonFault` that names the path of a duplicate key, a number that a double cannot
 * hold, or a lone surrogate. `JSON.parse` silently alters or drops these.
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
        if (inner.keys.has(string)) throw fault("duplicate key");
        inner.keys.add(string);
      }
      if (!string.isWellFormed()) throw fault("lone surrogate; remove it");
    } else if (character === "-" || (character >= "0" && character <= "9")) {
      const end = endOfNumber(text, at);
      const token = text.slice(at, end);
      at = end - 1;
      if (!keepsNumber(token)) throw fault(`${token} would lose precision as a number; write it as a string`);
    }
  }
  return value;
}

function parse(text: string): JsonValue {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new JsonFault(`invalid JSON: ${(cause as Error).message}`, { cause });
  }
}

/** Returns the index after the closing quote of the string that begins at `start`. */
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

/** Formats a path such as `data.regions[1]`; quotes keys that are not plain names. */
function pathOf(open: readonly Open[]): string {
  const steps = open.map((level) => {
    if (level.kind === "array") return `[${level.index}]`;
    return /^\w+$/.test(level.key) ? `.${level.key}` : `[${JSON.stringify(level.key)}]`;
  });
  return steps.join("").replace(/^\./, "") || "the value";
}

/**
 * Tells whether a double holds the number: not -0, nothing out of range, no integer between two doubles. Fractions of up
 * to 17 digits pass, because doubles are written with that many.
 */
function keepsNumber(token: string): boolean {
  if (/^(?:0|-?[1-9]\d{0,14})$/.test(token)) return true;
  const value = Number(token);
  if (!Number.isFinite(value) || Object.is(value, -0)) return false;
  const [asked, kept] = [decimalOf(token), decimalOf(String(value))];
  if (asked.digits === kept.digits && asked.exponent === kept.exponent) return true;
  return value !== 0 && !Number.isInteger(value) && asked.digits.length <= 17;
}

/** Normalizes a number, without its sign: digits without zeros at either end, and the power of ten of the last digit. */
function decimalOf(token: string): { readonly digits: string; readonly exponent: number } {
  const [mantissa = "", power = "0"] = token.toLowerCase().replace("-", "").split("e");
  const [whole = "", fraction = ""] = mantissa.split(".");
  const all = `${whole}${fraction}`.replace(/^0+/, "");
  const digits = all.replace(/0+$/, "");
  if (digits === "") return { digits, exponent: 0 };
  return { digits, exponent: Number(power) - fraction.length + all.length - digits.length };
}
