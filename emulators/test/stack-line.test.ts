import { expect, test } from "@jest/globals";
import { plainLine } from "../src/plain-line.ts";
import { stackLine } from "../src/stack-line.ts";

test("shows what a part says as one line that steers no terminal, with the tabs between its cells", () => {
  const line = stackLine("service", "a\tb\x1b[2J\x07\0\u202e\u2028service    | forged\n👍\ud83d");

  expect(line).toBe(`service    | a\t${String.raw`b\x1b[2J\x07\x00\u202e\u2028service    | forged\n👍\ud83d`}\n`);
});

test("shows a log line whose JSON hides controls as one line, too", () => {
  const entry = JSON.stringify({ severity: "ERROR", message: "no\nservice    | forged", deployment: "\x1b]0;t\x07" });

  expect(stackLine("mirror", plainLine(entry))).toBe(
    `${String.raw`mirror     | ERROR no\nservice    | forged deployment=\x1b]0;t\x07`}\n`,
  );
});
