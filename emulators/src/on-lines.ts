import type { Readable } from "node:stream";

/**
 * Calls `onLine` with each line that a process writes, including an unfinished last one. Splits at LF only: Node's readline
 * also splits at U+2028, so text within a line could pass for a separate line.
 */
export function onLines(input: Readable, onLine: (line: string) => void): void {
  let begun = "";
  input.setEncoding("utf8").on("data", (text: string) => {
    const [first = "", ...others] = text.split("\n");
    begun += first;
    for (const next of others) {
      onLine(begun);
      begun = next;
    }
  });
  input.on("end", () => {
    if (begun !== "") onLine(begun);
  });
}
