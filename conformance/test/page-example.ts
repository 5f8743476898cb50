import { readFileSync } from "node:fs";

const page = new URL("../../docs/history-hash.md", import.meta.url);

/** The example of docs/history-hash.md: the events as JSON, and the values beside their names, such as `commitment 1`, in hex. */
export function readExample() {
  const text = readFileSync(page, "utf8").split("## An example")[1] ?? "";
  const events = [...text.matchAll(/^(\{.*\})$/gm)].map(([line]) => JSON.parse(line));
  const values = [...text.matchAll(/^(\w+ \w+) +([0-9a-f]+)$/gm)].map(([, name, hex]) => [name, hex] as const);
  return { events, values: Object.fromEntries(values) as Readonly<Record<string, string>> };
}
