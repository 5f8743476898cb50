import { PassThrough } from "node:stream";
import { expect, test } from "@jest/globals";
import { onLines } from "../src/on-lines.ts";

/** The lines of these bytes, which come in two pieces. */
async function linesOf(bytes: Buffer, cut: number): Promise<string[]> {
  const input = new PassThrough();
  const lines: string[] = [];
  onLines(input, (line) => lines.push(line));
  input.write(bytes.subarray(0, cut));
  input.end(bytes.subarray(cut));
  await new Promise((resolve) => input.on("end", resolve));
  return lines;
}

test("ends lines at LF alone, wherever the text is cut, and gives what is behind the last", async () => {
  const bytes = Buffer.from("a\u2028b\u2029c\x85d\re\r\n\n👍\nlast");

  for (let cut = 0; cut <= bytes.length; cut += 1) {
    expect(await linesOf(bytes, cut)).toEqual(["a\u2028b\u2029c\x85d\re\r", "", "👍", "last"]);
  }
});
