import { readFileSync, writeFileSync } from "node:fs";

const begin = "<!-- The bench writes from here -->";
const end = "<!-- to here. -->";

/** Replaces the lines between the markers of a Markdown file; throws if it has no markers. */
export function writeTable(file: string, lines: readonly string[]): void {
  const text = readFileSync(file, "utf8");
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${file} has no place for the table: ${begin} … ${end}`);
  writeFileSync(file, `${text.slice(0, from + begin.length)}\n${lines.join("\n")}\n${text.slice(to)}`);
}
