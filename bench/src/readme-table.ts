import { readFileSync, writeFileSync } from "node:fs";

const begin = "<!-- The bench writes from here -->";
const end = "<!-- to here. -->";

/** Puts lines into a Markdown file, in place of those between its markers; throws when it has none. */
export function writeTable(file: string, lines: readonly string[]): void {
  const text = readFileSync(file, "utf8");
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${file} has no place for the table: ${begin} … ${end}`);
  writeFileSync(file, `${text.slice(0, from + begin.length)}\n${lines.join("\n")}\n${text.slice(to)}`);
}
