import type { GenEnum } from "@bufbuild/protobuf/codegenv2";
import { InvalidArgumentError } from "commander";

/**
 * A parser of flags that take one of an enum's names: bare or the proto's own, in any case, `-` as good as `_`. "Not
 * said" is no choice.
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

/** The bare name of an enum's number: empty for 0, which means "not said", and the number itself when it has no name. */
export function enumName(names: Readonly<Record<number, string>>, value: number): string {
  return value === 0 ? "" : (names[value] ?? String(value));
}
