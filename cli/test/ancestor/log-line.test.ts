import { expect, test } from "@jest/globals";
import { logLine } from "../../src/ancestor/log-line.ts";

const now = new Date("2026-03-01T12:34:56.789Z");

// Each line was written by logrus 1.4.2.
test("writes to a terminal in colour, with the whole seconds, at least 44 wide", () => {
  const place = { isTerminal: true, secondsSinceStart: 12.9, now };

  const lines = [
    logLine("info", "short", place),
    logLine("error", "ü".repeat(43), place),
    logLine("fatal", "x".repeat(45), place),
  ];

  expect(lines).toEqual([
    `\x1b[36mINFO\x1b[0m[0012] short${" ".repeat(39)} \n`,
    `\x1b[31mERRO\x1b[0m[0012] ${"ü".repeat(43)}  \n`,
    `\x1b[31mFATA\x1b[0m[0012] ${"x".repeat(45)} \n`,
  ]);
});

test("escapes on a terminal what could steer it, where the ancestor does not", () => {
  const line = logLine("error", "a\x1b[31mb\nc\u2028\u202e", { isTerminal: true, secondsSinceStart: 0, now });

  const escaped = String.raw`a\x1b[31mb\nc\u2028\u202e`;
  expect(line).toBe(`\x1b[31mERRO\x1b[0m[0000] ${escaped.padEnd(44)} \n`);
});

test("writes to a pipe with time, level and a quoted message", () => {
  const place = { isTerminal: false, secondsSinceStart: 0, now };

  const lines = [logLine("info", 'a "b"', place), logLine("error", "", place), logLine("fatal", "ü\x1b\n", place)];

  expect(lines.map((line) => line.replace(/^time="[^"]*"/, "time"))).toEqual([
    'time level=info msg="a \\"b\\""\n',
    'time level=error msg=""\n',
    'time level=fatal msg="ü\\x1b\\n"\n',
  ]);
});
