import type { GenEnum } from "@bufbuild/protobuf/codegenv2";
import { InvalidArgumentError } from "commander";

/**
 * Makes a flag parser for the names of an enum, bare or as in the proto, in any case, with `-` or `_`. Refuses the name of
 * 0.
 */
export function parseEnumName<Value extends number>(schema: GenEnum<Value>): (text: string) => Value {
  const choices = schema.values.filter(({ number }) => number !== 0);
  return (text) => {
    const name = text.toUpperCase().replaceAll("-", "_");
    const choice = choices.find((value) => value.localName === name || value.name === name);
    if (choice !== undefined) return choice.number as Value;
    const names = choices.map(({ localName }) => localName.toLowerCase()).join(", ");
    throw new InvalidArgumentError(`Expected one of ${names}.`);
  };
}

/** Returns the bare name of an enum value: empty for 0 (unspecified), the number if it has no name. */
export function enumName(names: Readonly<Record<number, string>>, value: number): string {
  return value === 0 ? "" : (names[value] ?? String(value));
}
