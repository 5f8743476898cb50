import { escapeControls } from "@activity-events/client";

/** The longest name of a part; the lines of all begin in one column. */
const nameWidth = "subscriber".length;

/** A line of the stack: the name of the part that says it, and what it says, as one line that steers no terminal. */
export function stackLine(part: string, said: string): string {
  // The tabs between cells are the parts' own; those within one are escaped by whoever writes it.
  const cells = said.split("\t").map(escapeControls);
  return `${part.padEnd(nameWidth)} | ${cells.join("\t")}\n`;
}
