import { createInterface } from "node:readline";
import type { StandardStream } from "./standard-stream.ts";

/** Makes a function that asks on a terminal and returns the line typed; the empty text at the end of the input. */
export function questioner(
  input: NodeJS.ReadableStream,
  errors: StandardStream,
): (question: string) => Promise<string> {
  return (question) =>
    new Promise((resolve) => {
      // The terminal itself edits the line, and turns Ctrl-C into its signal.
      const lines = createInterface({ input, terminal: false });
      const answered = (line: string) => {
        resolve(line.trim());
        lines.close();
      };
      lines.once("line", answered).once("close", () => answered(""));
      errors.write(question);
    });
}
