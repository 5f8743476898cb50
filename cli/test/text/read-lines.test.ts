import { collect } from "@activity-events/testing/collect";
import { expect, test } from "@jest/globals";
import { type Line, readLines } from "../../src/text/read-lines.ts";

async function* chunks(...parts: readonly (string | Uint8Array)[]) {
  yield* parts;
}

const words = (lines: readonly Line[]) => lines.map((line) => (line.kind === "text" ? line.text : line.problem));

test("gives the lines that each chunk completes, and the last one though it has no end", async () => {
  const groups = await collect(readLines(chunks("a\nb", "c\n\nd", "e")));

  expect(groups.map(words)).toEqual([["a"], ["bc", ""], ["de"]]);
  expect(groups.flat().map(({ number }) => number)).toEqual([1, 2, 3, 4]);
});

test("puts a character together that two chunks share", async () => {
  const [first, second] = [Uint8Array.of(0xc3), Uint8Array.of(0xbc, 0x0a)];

  const groups = await collect(readLines(chunks(first, second)));

  expect(groups.map(words)).toEqual([["ü"]]);
});

test("reads on after a line that is not UTF-8, and after one that is too long to be held", async () => {
  const long = "x".repeat(600_000);

  const groups = await collect(readLines(chunks(Uint8Array.of(0xff, 0x0a), long, long, "\nend\n")));

  expect(groups.flat().map(({ kind, number }) => `${number} ${kind}`)).toEqual([
    "1 unreadable",
    "2 unreadable",
    "3 text",
  ]);
  expect(words(groups.flat())).toEqual(["The line is not UTF-8.", "The line is longer than 1048576 bytes.", "end"]);
});
