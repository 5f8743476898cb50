import { expect, test } from "@jest/globals";
import { Retention } from "../src/application/retention.ts";
import { parseRetention } from "../src/config/parse-retention.ts";

const dayUs = 24 * 60 * 60 * 1_000_000;

function isOver(text: string, environment: string, days: number): boolean {
  const retention = parseRetention(text);
  if (typeof retention === "string") throw new Error(retention);
  return retention.isOver({ environment, updateTimeUs: 1_000 }, 1_000 + days * dayUs);
}

test("a deployment's time is over so many days after its last event, by environment", () => {
  const text = "production=730, *=90";

  expect(isOver(text, "production", 730)).toBe(false);
  expect(isOver(text, "production", 730.01)).toBe(true);
  expect(isOver(text, "staging", 90.01)).toBe(true);
  expect(isOver(text, "", 90.01)).toBe(true);
  expect(isOver("a=b=7", "a=b", 7.01)).toBe(true);
});

test("what has no rule is kept for ever", () => {
  expect(isOver("production=1", "staging", 100_000)).toBe(false);
  expect(isOver("", "production", 100_000)).toBe(false);
  expect(new Retention(new Map()).isAny).toBe(false);
});

test.each(["production=0", "production=", "=5", "production", "*=1.5", "*=-1", "*=36501", "a=1,,b=2", "a=1, a=2", ","])(
  "%j is refused in words",
  (text) => {
    expect(parseRetention(text)).toEqual(expect.any(String));
  },
);
