import { expect, test } from "@jest/globals";
import { escapeControls } from "../src/escape-controls.ts";

test("escapes all that steers a terminal or breaks a line, and nothing else", () => {
  const text = escapeControls("a\n\t\r\0\x1b[31m\x7f\x9b\u2028\u202e\u2066\ud83d ü 漢 👍🏽 👩‍💻 \\n");

  expect(text).toBe(String.raw`a\n\t\r\x00\x1b[31m\x7f\x9b\u2028\u202e\u2066\ud83d ü 漢 👍🏽 👩‍💻 \n`);
});
