import type { DescMessage } from "@bufbuild/protobuf";
import { WireType } from "@bufbuild/protobuf/wire";
import { type MessageRules, rulesOf } from "./encoding-rules.ts";
import { WireCursor } from "./wire-cursor.ts";

/**
 * Reorders an encoded message of the library to the canonical order of contents: known fields ascending, map entries by
 * the UTF-8 bytes of their keys, then unknown fields by number, equal numbers in their original order.
 */
export function canonicalOrder(desc: DescMessage, bytes: Uint8Array): Uint8Array {
  return ordered(rulesOf(desc), bytes);
}

interface Field {
  readonly number: number;
  readonly isKnown: boolean;
  /** Key of a map entry; undefined for other fields. */
  readonly key: Uint8Array | undefined;
  readonly bytes: Uint8Array;
}

function ordered(rules: MessageRules, bytes: Uint8Array): Uint8Array {
  const fields: Field[] = [];
  const cursor = new WireCursor(bytes, 0);
  while (cursor.at < bytes.length) {
    const start = cursor.at;
    cursor.tag(bytes.length);
    const { number, wireType } = cursor;
    const rule = rules.fields[number];
    if (rule?.message === undefined || wireType !== WireType.LengthDelimited) {
      cursor.skip(bytes.length, Number.POSITIVE_INFINITY);
      fields.push({ number, isKnown: rule !== undefined, key: undefined, bytes: bytes.subarray(start, cursor.at) });
      continue;
    }
    const end = cursor.valueEnd(bytes.length);
    // Reordering keeps the length of the inner message, and so of the field.
    const field = bytes.slice(start, end);
    const inside = ordered(rule.message, bytes.subarray(cursor.at, end));
    field.set(inside, cursor.at - start);
    const key = rule.message.isEntry ? keyOf(inside) : undefined;
    fields.push({ number, isKnown: true, key, bytes: field });
    cursor.at = end;
  }
  fields.sort(inOrder);
  return Buffer.concat(fields.map((field) => field.bytes));
}

// Sorting is stable.
function inOrder(one: Field, other: Field): number {
  if (one.isKnown !== other.isKnown) return one.isKnown ? -1 : 1;
  if (one.number !== other.number) return one.number - other.number;
  return one.key === undefined || other.key === undefined ? 0 : Buffer.compare(one.key, other.key);
}

/** Returns the key of a map entry, whose fields are in order. */
function keyOf(entry: Uint8Array): Uint8Array {
  const cursor = new WireCursor(entry, 0);
  cursor.tag(entry.length);
  const end = cursor.valueEnd(entry.length);
  return entry.subarray(cursor.at, end);
}
