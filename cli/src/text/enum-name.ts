import type { DescEnum } from "@bufbuild/protobuf";
import type { GenEnum } from "@bufbuild/protobuf/codegenv2";
import { InvalidArgumentError } from "commander";

/**
 * Makes a flag parser for the names of an enum, bare or as in the proto, in any case, with `-` or `_`. Refuses the name of
 * 0.
 */
export function parseEnumName<Value extends number>(schema: GenEnum<Value>): (text: string) => Value {
  return (text) => {
    const number = enumNumber(schema, text);
    if (number !== undefined && number !== 0) return number as Value;
    throw new InvalidArgumentError(`Expected one of ${enumNames(schema).join(", ")}.`);
  };
}

/** Returns the number of a name, bare or as in the proto, in any case, with `-` or `_`; undefined if there is none. */
export function enumNumber(schema: DescEnum, text: string): number | undefined {
  const name = text.toUpperCase().replaceAll("-", "_");
  return schema.values.find((value) => value.localName === name || value.name === name)?.number;
}

/** Returns the bare names of an enum in lower case, without that of 0. */
export function enumNames(schema: DescEnum): readonly string[] {
  return schema.values.filter(({ number }) => number !== 0).map(({ localName }) => localName.toLowerCase());
}

/** Returns the bare name of an enum value: empty for 0 (unspecified), the number if it has no name. */
export function enumName(names: Readonly<Record<number, string>>, value: number): string {
  return value === 0 ? "" : (names[value] ?? String(value));
}
