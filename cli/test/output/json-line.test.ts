import { expect, test } from "@jest/globals";
import { safeJson } from "../../src/output/json-line.ts";

test("leaves nothing raw in JSON that steers a terminal, and the value as it is", () => {
  const value = { text: "\x1b\x7f\x9b\u2028\u202e\u2066ü" };

  const json = safeJson(value);

  expect(json).toBe(String.raw`{"text":"\u001b\u007f\u009b\u2028\u202e\u2066ü"}`);
  expect(JSON.parse(json)).toEqual(value);
});
