import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { MappingError } from "../mapping-error.ts";
import type { PayloadValue } from "./parse-payload.ts";
import { parseTime } from "./parse-time.ts";

type Members = { readonly [name: string]: PayloadValue };

/**
 * The members of an object of a payload, each read as what it must be. What an event cannot do without throws a MappingError that
 * names the field; what only decorates it is left out when it has another type.
 */
export class Fields {
  readonly #members: Members;
  /** Path of this object, such as `deployment`. */
  readonly path: string;

  constructor(value: PayloadValue | undefined, path = "") {
    if (!isMembers(value)) throw new MappingError(path, `must be an object; found ${show(value)}`);
    this.#members = value;
    this.path = path;
  }

  /** Path of a member. */
  at(name: string): string {
    return this.path === "" ? name : `${this.path}.${name}`;
  }

  /** The member as it is; undefined if it is absent or null. */
  value(name: string): PayloadValue | undefined {
    return Object.hasOwn(this.#members, name) ? (this.#members[name] ?? undefined) : undefined;
  }

  has(name: string): boolean {
    return this.value(name) !== undefined;
  }

  names(): string[] {
    return Object.keys(this.#members);
  }

  /** A required object. */
  object(name: string): Fields {
    return new Fields(this.value(name), this.at(name));
  }

  /** An object that may be absent; anything else reads as an empty one. */
  optionalObject(name: string): Fields {
    const value = this.value(name);
    return new Fields(isMembers(value) ? value : {}, this.at(name));
  }

  /** Objects of a list that may be absent. */
  objects(name: string): Fields[] {
    return this.items(name).map(({ value, path }) => new Fields(value, path));
  }

  /** Items of a list that may be absent, as they are, with their paths. */
  items(name: string): { readonly value: PayloadValue; readonly path: string }[] {
    const value = this.value(name);
    if (value === undefined) return [];
    if (!Array.isArray(value)) throw new MappingError(this.at(name), `must be a list; found ${show(value)}`);
    return value.map((item: PayloadValue, index: number) => ({ value: item, path: `${this.at(name)}[${index}]` }));
  }

  /** A required text that identifies or decides something. */
  text(name: string): string {
    const value = this.value(name);
    if (typeof value !== "string" || value === "") {
      throw new MappingError(this.at(name), `must be a text that is not empty; found ${show(value)}`);
    }
    if (!value.isWellFormed()) throw new MappingError(this.at(name), "must not hold half of a surrogate pair");
    return value;
  }

  /** The same, empty if it is absent. */
  optionalText(name: string): string {
    return this.has(name) && this.value(name) !== "" ? this.text(name) : "";
  }

  /** A required id that is an integer, or a text of digits, as decimal digits. */
  id(name: string): string {
    const value = this.value(name);
    const isInteger = typeof value === "bigint" || (typeof value === "number" && Number.isSafeInteger(value));
    if (isInteger && value >= 0) return String(value);
    if (typeof value === "string" && /^\d{1,40}$/.test(value)) return value;
    throw new MappingError(this.at(name), `must be an id, an integer from 0; found ${show(value)}`);
  }

  /** A text that decorates an event; empty if it is anything else. */
  decoration(name: string): string {
    const value = this.value(name);
    return typeof value === "string" ? value : "";
  }

  /** A time, or undefined if it is absent or empty. */
  time(name: string): Timestamp | undefined {
    const value = this.value(name);
    if (value === undefined || value === "") return undefined;
    const time = parseTime(value);
    if (time === undefined) {
      throw new MappingError(this.at(name), `must be a time (RFC 3339) of the years 1 to 9999; found ${show(value)}`);
    }
    return time;
  }
}

function isMembers(value: PayloadValue | undefined): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Formats a value for a message, short and in one line. */
export function show(value: PayloadValue | undefined): string {
  if (value === undefined || value === null) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "an object";
  if (typeof value !== "string") return String(value);
  const text = JSON.stringify(value);
  return text.length <= 60 ? text : `${text.slice(0, 60).toWellFormed()}…`;
}
