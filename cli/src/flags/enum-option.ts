import type { GenEnum } from "@bufbuild/protobuf/codegenv2";
import { Option } from "commander";
import { enumNames, parseEnumName } from "../text/enum-name.ts";

/** Makes an option that takes the names of an enum; the help and the completion list them. */
export function enumOption<Value extends number>(flags: string, description: string, schema: GenEnum<Value>): Option {
  return new Option(flags, description).choices(enumNames(schema)).argParser(parseEnumName(schema));
}
