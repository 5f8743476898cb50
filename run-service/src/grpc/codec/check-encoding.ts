import { isUtf8 } from "node:buffer";
import { limits } from "../../limits.ts";
import { Violations } from "../requests/violations.ts";
import type { FieldRule, MessageRules } from "./encoding-rules.ts";
import { EncodingError, WireCursor } from "./wire-cursor.ts";

// Below this length a loop is faster than a native call.
const shortText = 32;

/**
 * Checks an encoded message in one pass before decoding: protoc's own parsers must accept it, and its decoded size must
 * not be much larger. Throws an EncodingError, or a Refusal that names the excess.
 */
export function checkEncoding(rules: MessageRules, bytes: Uint8Array): void {
  new EncodingCheck(bytes, true).message(rules, bytes.length, 0);
}

/** Tells whether an encoded message is readable, whatever its decoded size. */
export function isReadable(rules: MessageRules, bytes: Uint8Array): boolean {
  try {
    new EncodingCheck(bytes, false).message(rules, bytes.length, 0);
    return true;
  } catch (error) {
    if (error instanceof EncodingError) return false;
    throw error;
  }
}

class EncodingCheck {
  readonly #cursor: WireCursor;
  readonly #isBounded: boolean;
  /** Path of the current field, such as `events[3]` and `labels`. */
  readonly #path: string[] = [];
  #unknownFields = 0;
  /** Messages still allowed within a field that bounds them as a whole; undefined if each field has its own bound. */
  #valuesLeft: number | undefined;

  constructor(bytes: Uint8Array, isBounded: boolean) {
    this.#cursor = new WireCursor(bytes, 0);
    this.#isBounded = isBounded;
    this.#valuesLeft = isBounded ? undefined : Number.POSITIVE_INFINITY;
  }

  message(rules: MessageRules, end: number, depth: number): void {
    const cursor = this.#cursor;
    if (depth > limits.nestingMax) throw cursor.error("is nested too deep", true);
    // Occurrences of each field; allocated only if one is counted.
    let counts: number[] | undefined;
    while (cursor.at < end) {
      cursor.tag(end);
      const rule = rules.fields[cursor.number];
      if (rule === undefined) {
        this.#unknownFields += 1;
        if (this.#isBounded && this.#unknownFields > limits.unknownFieldsMax) {
          this.#refuse(limits.unknownFieldsMax, "unknown fields");
        }
        cursor.skip(end, limits.nestingMax - depth);
      } else if (rule.wireType !== cursor.wireType) {
        // Some parsers treat it as an unknown field, others read it.
        throw cursor.error(`has ${rule.name} with wire type ${cursor.wireType}`, true);
      } else if (rule.message === undefined) {
        this.#value(rule, end);
      } else if (this.#valuesLeft === undefined) {
        counts ??= [];
        counts[cursor.number] = (counts[cursor.number] ?? 0) + 1;
        this.#field(rule, rule.message, end, depth, counts[cursor.number] as number);
      } else {
        this.#valuesLeft -= 1;
        if (this.#valuesLeft < 0) this.#refuse(limits.dataValuesMax, "values");
        this.message(rule.message, cursor.valueEnd(end), rule.message.isEntry ? depth : depth + 1);
      }
    }
  }

  /** Checks a counted and named message or map entry. */
  #field(rule: FieldRule, rules: MessageRules, end: number, depth: number, count: number): void {
    this.#path.push(rule.name);
    if (count > rule.countMax) this.#refuse(rule.countMax, rule.countOf);
    if (rule.isList) this.#path[this.#path.length - 1] = `${rule.name}[${count - 1}]`;
    this.#valuesLeft = rule.valuesMax;
    this.message(rules, this.#cursor.valueEnd(end), rules.isEntry ? depth : depth + 1);
    this.#valuesLeft = undefined;
    this.#path.pop();
  }

  #value(rule: FieldRule, end: number): void {
    const cursor = this.#cursor;
    if (!rule.isText) {
      cursor.skip(end, 0);
      return;
    }
    const valueEnd = cursor.valueEnd(end);
    if (!isText(cursor.bytes, cursor.at, valueEnd)) throw cursor.error(`has ${rule.name} that is not UTF-8`);
    cursor.at = valueEnd;
  }

  #refuse(max: number, what: string): void {
    const violations = new Violations();
    violations.add(this.#path.join("."), `must be at most ${max} ${what}; found more`);
    violations.throwIfAny();
  }
}

function isText(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start <= shortText) {
    let at = start;
    while (at < end && (bytes[at] as number) < 0x80) at += 1;
    if (at === end) return true;
  }
  return isUtf8(bytes.subarray(start, end));
}
