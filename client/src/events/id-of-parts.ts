import { createHash } from "node:crypto";

/** Most characters of an id of a deployment or an event. */
const idCharactersMax = 128;

/** Characters of the hash that stands for the end of a longer id: 96 bits of SHA-256. */
const hashCharacters = 24;

const encoder = new TextEncoder();
// Without a byte order mark's special case: each byte counts.
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Makes an id of a deployment or an event from what another system calls the thing, such as `["gh", "acme", "shop", "run", "77", "1"]`:
 * the parts with `:` between them. Within a part, each byte of UTF-8 that is no letter, digit, `.`, `_` or `-` becomes `~XX`, so
 * different parts never make the same id, and `partsOfId` gives them back.
 *
 * Only an id of more than 128 characters does not give them back: its end is replaced by `~.` and a hash of the whole. Throws a
 * RangeError if the id would be empty, or a TypeError for text that UTF-8 cannot hold.
 */
export function idOfParts(parts: readonly string[]): string {
  const id = parts.map(encodePart).join(":");
  if (id === "") throw new RangeError("an id needs a part that is not empty");
  // The first character of an id is a letter, a digit or `-`. What begins with the prefix gets another, so that it comes back.
  const whole = /^(?!-:)[A-Za-z0-9-]/.test(id) ? id : `-:${id}`;
  if (whole.length <= idCharactersMax) return whole;
  const hash = createHash("sha256").update(whole).digest("hex").slice(0, hashCharacters);
  const end = `~.${hash}`;
  // Cuts no `~XX` in two.
  const start = whole.slice(0, idCharactersMax - end.length).replace(/~[0-9A-F]?$/, "");
  return start + end;
}

/** Returns the parts of an id that `idOfParts` made, or undefined if it made no such id or could not keep all of them. */
export function partsOfId(id: string): string[] | undefined {
  const parts: string[] = [];
  for (const part of (id.startsWith("-:") ? id.slice(2) : id).split(":")) {
    const decoded = decodePart(part);
    if (decoded === undefined) return undefined;
    parts.push(decoded);
  }
  const isMade = parts.length > 1 || parts[0] !== "";
  return isMade && idOfParts(parts) === id ? parts : undefined;
}

function encodePart(part: string): string {
  if (!part.isWellFormed()) throw new TypeError("a part of an id has half of a surrogate pair");
  return part.replace(/[^A-Za-z0-9._-]+/g, (text) =>
    Array.from(encoder.encode(text), (byte) => `~${byte.toString(16).toUpperCase().padStart(2, "0")}`).join(""),
  );
}

function decodePart(part: string): string | undefined {
  const bytes: number[] = [];
  for (const [symbol, code] of part.matchAll(/~([0-9A-F]{2})|./gsu)) {
    if (code === undefined) bytes.push(...encoder.encode(symbol));
    else bytes.push(Number.parseInt(code, 16));
  }
  try {
    return decoder.decode(Uint8Array.from(bytes));
  } catch {
    return undefined;
  }
}
