import { MappingError } from "../mapping-error.ts";

/** A value of JSON. Integers that a double cannot hold are bigints, so that ids keep their digits. */
export type PayloadValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly PayloadValue[]
  | { readonly [name: string]: PayloadValue };

type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;
const parse = JSON.parse as (text: string, reviver: Reviver) => PayloadValue;

/** Parses JSON, as UTF-8 bytes or as text. Throws a MappingError for anything else. */
export function parsePayload(body: Uint8Array | string): PayloadValue {
  try {
    const text = typeof body === "string" ? body : new TextDecoder("utf-8", { fatal: true }).decode(body);
    return parse(text, (_key, value, { source }) => (typeof value === "number" ? exactly(value, source ?? "") : value));
  } catch (cause) {
    // A RangeError says that it is nested too deeply.
    throw new MappingError("", `invalid JSON: ${(cause as Error).message}`, { cause });
  }
}

function exactly(value: number, source: string): number | bigint {
  if (Number.isSafeInteger(value) || !/^-?\d+$/.test(source)) return value;
  return BigInt(source);
}
