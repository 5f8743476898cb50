import { expect, test } from "@jest/globals";
import { safeJson } from "../../src/output/json-line.ts";
import { escapeControls } from "../../src/text/escape-controls.ts";

test("escapes all that steers a terminal or breaks a line, and nothing else", () => {
  const text = escapeControls("a\n\t\r\0\x1b[31m\x7f\x9b\u2028\u202e\u2066\ud83d ü 漢 👍🏽 👩‍💻 \\n");

  expect(text).toBe(String.raw`a\n\t\r\x00\x1b[31m\x7f\x9b\u2028\u202e\u2066\ud83d ü 漢 👍🏽 👩‍💻 \n`);
});

test("leaves nothing raw in JSON that steers a terminal, and the value as it is", () => {
  const value = { text: "\x1b\x7f\x9b\u2028\u202e\u2066ü" };

  const json = safeJson(value);

  expect(json).toBe(String.raw`{"text":"\u001b\u007f\u009b\u2028\u202e\u2066ü"}`);
  expect(JSON.parse(json)).toEqual(value);
});
