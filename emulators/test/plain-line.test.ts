import { expect, test } from "@jest/globals";
import { plainLine } from "../src/plain-line.ts";

test("a log line is its message and its fields, and its severity when it is not INFO", () => {
  const entry = { time: "2026-11-24T08:32:25.374Z", deployment: "d1", to: 2, gap: { from: 1 }, message: "mirror run" };

  expect(plainLine(JSON.stringify({ severity: "INFO", ...entry }))).toBe(
    'mirror run deployment=d1 to=2 gap={"from":1}',
  );
  expect(plainLine(JSON.stringify({ severity: "ERROR", ...entry }))).toMatch(/^ERROR mirror run deployment=d1/);
});

test("of an error the message is shown, not the stack", () => {
  const line = JSON.stringify({ severity: "ERROR", err: { message: "gone", stack: "Error: gone\n at" }, message: "x" });

  expect(plainLine(line)).toBe("ERROR x cause=gone");
});

test.each(["Serving function...", "{ not JSON", '{"message":"without severity"}', "", "{}"])(
  "%j is no log line and stays as it is",
  (line) => {
    expect(plainLine(line)).toBe(line);
  },
);
