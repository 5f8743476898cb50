import { ConfigError } from "@activity-events/process/config-error";
import { nearestName } from "@activity-events/process/nearest-name";
import { isAlias, isMap, isScalar, isSeq, type Pair, parseDocument } from "yaml";
import type { FileSettings, FileValue } from "./file-settings.ts";
import { configFileSetting, settings } from "./settings.ts";

/** Words of our own for faults of the YAML library, by code. */
const wordsOf: Readonly<Record<string, string>> = {
  MULTIPLE_DOCS: "the file must hold a single YAML document",
  RESOURCE_EXHAUSTION: "values are nested too deeply",
};

/** Faults that are listed; a file that is something else altogether has thousands. */
const faultsMax = 20;

/** Settings of a file, and what else is in it: a fault each, with its line and its column. */
interface ParsedFile {
  readonly file: FileSettings;
  readonly faults: readonly string[];
}

/** Parses CONFIG_FILE, a YAML mapping of settings. Throws a ConfigError if it is none. */
export function parseConfigFile(path: string, text: string): ParsedFile {
  const placeOf = (offset: number) => {
    const before = text.slice(0, offset).split("\n");
    return `${path}:${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
  };
  const items = readMapping(path, text, placeOf);
  const faults: string[] = [];
  let unnamed = 0;
  const found = new Map<string, FileValue>();
  for (const { key, value } of items) {
    const name = nameOf(key);
    const fault = nameFault(name) ?? (found.has(name) ? `${name} is set twice` : valueFault(name, value));
    if (fault === undefined) found.set(name, { value: textOf(value), place: placeOf(offsetOf(key)) });
    else if (faults.length < faultsMax) faults.push(`${placeOf(offsetOf(key))}: ${fault}`);
    else unnamed += 1;
  }
  if (unnamed > 0) faults.push(`${path}: ${unnamed} more faults`);
  return { file: found, faults };
}

function readMapping(path: string, text: string, placeOf: (offset: number) => string): readonly Pair[] {
  // U+FFFD stands for bytes that are no UTF-8.
  const strange = /\uFFFD|(?![\t\r\n])\p{Cc}/u.exec(text);
  if (strange !== null) throw new ConfigError([`${placeOf(strange.index)}: the file is not UTF-8 text`]);
  const { contents, errors, warnings } = parseDocument(text, { prettyErrors: false, uniqueKeys: false });
  const [error] = [...errors, ...warnings];
  if (error !== undefined) throw new ConfigError([`${placeOf(error.pos[0])}: ${wordsOf[error.code] ?? error.message}`]);
  if (isMap(contents)) return contents.items;
  // An empty file is more likely one that is being written than a wish for all defaults.
  if (contents === null || (isScalar(contents) && contents.value === null))
    throw new ConfigError([`${path}:1:1: the file is empty; write {} for no settings`]);
  throw new ConfigError([`${placeOf(offsetOf(contents))}: the file must hold a mapping, such as LOG_LEVEL: debug`]);
}

function offsetOf(node: unknown): number {
  return (node as { readonly range?: readonly number[] } | null)?.range?.[0] ?? 0;
}

function nameOf(key: unknown): string {
  return isScalar(key) ? (key.source ?? `${key.value}`) : "";
}

function nameFault(name: string): string | undefined {
  if (name === "") return "the name of a setting must be plain text";
  if (name === configFileSetting.name) return `${name} can only be a variable of the environment`;
  if (settings.some((setting) => setting.name === name)) return undefined;
  const nearest = nearestName(
    name,
    settings.map((setting) => setting.name),
  );
  return `unknown setting ${shown(name)}${nearest === undefined ? "; see --help" : `; did you mean ${nearest}?`}`;
}

function valueFault(name: string, value: unknown): string | undefined {
  if (value === null || (isScalar(value) && ["string", "number"].includes(typeof (value.value ?? ""))))
    return undefined;
  const kind = isSeq(value) ? "a list" : isMap(value) ? "a mapping" : isAlias(value) ? "an alias" : undefined;
  const found = kind ?? shown(isScalar(value) ? (value.source ?? "") : "");
  return `${name} must be text or a number; found ${found}${isAlias(value) ? "" : "; quote it if it is text"}`;
}

/** Returns the value as it was written: 1.10 is a name, and not the number 1.1. */
function textOf(value: unknown): string {
  if (!isScalar(value) || value.value === null) return "";
  return typeof value.value === "string" ? value.value : (value.source ?? "");
}

function shown(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}
