import fc from "fast-check";
import type { Json } from "./payloads.ts";

/** Text of a JSON value that is hostile in some way: too long, of another type, no text, no number that a double holds. */
const hostile: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    "null",
    "true",
    "0",
    "-0",
    "-1",
    "1.5",
    "1e400",
    "9007199254740993",
    "123456789012345678901234567890",
    '""',
    "[]",
    "{}",
    '"\\ud800"',
    '"a\\u0000b\\u001b[31m"',
    '"😀"',
    '"~2F"',
    '"."',
    '"__proto__"',
    '{"__proto__": {"a": 1}, "constructor": 1}',
    '"2026-11-20T23:59:60.999999999+14:00"',
    '"0000-00-00T00:00:00Z"',
    '"9999-12-31T23:59:59-14:00"',
    '"0001-01-01T00:00:00Z"',
    '"0001-01-01T00:00:00+14:00"',
    '"https://example.com/a b?c=%zz#\\ud83d"',
    '"success"',
    '{"a": -0, "b": 1e400, "c": 9007199254740993, "d": "\\udc00"}',
    '"deployment.finished"',
  ),
  fc.constantFrom(1, 128, 129, 600, 70_000).map((length) => JSON.stringify("é".repeat(length))),
  fc.constantFrom(1, 64, 300, 600, 40_000).map((length) => JSON.stringify("x ".repeat(length))),
  fc.integer({ min: 1, max: 30 }).map((depth) => `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`),
  fc.constantFrom(1, 5_000, 20_000).map((length) => `{"a": [${"1,".repeat(length)}1]}`),
  fc
    .integer({ min: 1, max: 60 })
    .map((count) =>
      JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${at}`, "v".repeat(at * 40)]))),
    ),
  fc.json(),
  fc.string({ unit: "binary" }).map((text) => JSON.stringify(text)),
);

type Path = readonly (string | number)[];

function pathsOf(value: Json, path: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return [path];
  const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return [path, ...entries.flatMap(([name, item]) => pathsOf(item, [...path, name]))];
}

const mark = "\u2603 replaced here";

/** The text of a payload with some of its values replaced by hostile ones, or left out. */
export function mutated(payload: Json): fc.Arbitrary<string> {
  // Values that a mapping never reads are many; those near the root are read more often.
  const paths = pathsOf(payload).filter((path) => path.length <= 6);
  const change = fc.record({ path: fc.constantFrom(...paths), text: fc.option(hostile, { nil: undefined, freq: 8 }) });
  return fc.array(change, { maxLength: 4 }).map((changes) => {
    let text = JSON.stringify(payload);
    for (const { path, text: replacement } of changes) text = replaced(text, path, replacement);
    return text;
  });
}

/** Replaces the value at a path in JSON, where it is still there. */
function replaced(text: string, path: Path, replacement: string | undefined): string {
  let value: Json;
  try {
    value = JSON.parse(text);
  } catch {
    return text;
  }
  if (path.length === 0) return replacement ?? text;
  const parent = path
    .slice(0, -1)
    .reduce<Json | undefined>((inner, name) => (inner as { [name: string]: Json } | null)?.[name], value);
  const name = path.at(-1) ?? "";
  if (typeof parent !== "object" || parent === null || !(name in parent)) return text;
  if (replacement === undefined) delete (parent as { [name: string]: Json })[name];
  else (parent as { [name: string]: Json })[name] = mark;
  return JSON.stringify(value).replace(JSON.stringify(mark), () => replacement ?? "");
}
