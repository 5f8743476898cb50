import { expect, test } from "@jest/globals";
import { array, assert, property, uint8Array } from "fast-check";
import { lineCharactersMax, OutputLines } from "../../src/run/output-lines.ts";

function linesOf(...parts: readonly (string | Uint8Array)[]): readonly string[] {
  const lines: string[] = [];
  const output = new OutputLines((line) => lines.push(line));
  for (const part of parts) output.take(typeof part === "string" ? Buffer.from(part) : part);
  output.end();
  return lines;
}

test.each<[string, readonly string[], readonly string[]]>([
  ["lines", ["a\nb\n"], ["a", "b"]],
  ["a last line without an end", ["a\nb"], ["a", "b"]],
  ["a line in pieces", ["a", "b", "\nc", "\n"], ["ab", "c"]],
  ["ends of Windows, also in two pieces", ["a\r\nb\r", "\nc\r\n"], ["a", "b", "c"]],
  ["no empty lines", ["\n\n \n\x1b[0m\na\n"], ["a"]],
  ["the last state of a progress bar", ["\r10 %\r50 %", "\r100 %\ndone\n"], ["100 %", "done"]],
  ["the last state of one that ends by a return", ["10 %\r100 %\r\n"], ["100 %"]],
  ["no escape sequences", ["\x1b[1;31mred\x1b[0m \x1b]8;;https://a.b\x07link\x1b]8;;\x07\n"], ["red link"]],
  ["no escape sequence in two pieces", ["\x1b[1;", "31mred\n"], ["red"]],
  ["no control characters", ["a\x00\x07b\tc\x08\u202e\n"], ["ab c"]],
])("makes of output %s", (_, parts, lines) => {
  expect(linesOf(...parts)).toEqual(lines);
});

test("puts a character in two pieces together, and replaces what is not UTF-8", () => {
  expect(linesOf(Buffer.from([0xc3]), Buffer.from([0xa9, 0xff, 0x0a]))).toEqual(["é\ufffd"]);
});

test("cuts a line that is too long, and not the next one", () => {
  expect(linesOf("x".repeat(1_000_000), "\nshort\n")).toEqual([`${"x".repeat(lineCharactersMax)} …`, "short"]);
});

test("makes short lines without control characters of any bytes", () => {
  assert(
    property(array(uint8Array({ maxLength: 5_000 }), { maxLength: 5 }), (parts) => {
      for (const line of linesOf(...parts)) {
        expect(line.length).toBeLessThanOrEqual(lineCharactersMax + 2);
        expect(line).not.toMatch(/\p{Cc}/u);
        expect(line.isWellFormed()).toBe(true);
      }
    }),
  );
});
