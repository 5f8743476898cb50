import { escapeControls } from "@activity-events/client";

/** Width of the longest part name, to align all lines. */
const nameWidth = "subscriber".length;

/** Formats a line of the stack: the name of the part, then its text as one line without control characters. */
export function stackLine(part: string, said: string): string {
  // Tabs separate the cells of a part's line; the part escapes tabs within a cell.
  const cells = said.split("\t").map(escapeControls);
  return `${part.padEnd(nameWidth)} | ${cells.join("\t")}\n`;
}
