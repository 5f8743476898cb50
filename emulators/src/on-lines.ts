import type { Readable } from "node:stream";

/**
 * Calls `onLine` with each line that a process writes, and with what is behind the last. Lines end with LF alone: Node's readline
 * ends them at U+2028 as well, so that text within a line could pass for a line of its own.
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
