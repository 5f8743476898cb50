import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "@jest/globals";
import { LogBatches } from "../src/log-batches.ts";

function collect() {
  const texts: string[] = [];
  return { texts, batches: new LogBatches({ write: (text) => texts.push(text) }) };
}

test("lines are passed on together and in order, without being asked for", async () => {
  const { texts, batches } = collect();

  for (const line of ["a\n", "b\n", "c\n"]) batches.write(line);
  expect(texts).toEqual([]);
  while (texts.length === 0) await sleep(5);
  batches.write("d\n");
  while (texts.length === 1) await sleep(5);

  expect(texts).toEqual(["a\nb\nc\n", "d\n"]);
});

test("many lines do not wait", () => {
  const { texts, batches } = collect();
  const line = `${"x".repeat(999)}\n`;

  for (let n = 0; n < 200; n += 1) batches.write(line);
  const passedOn = texts.join("").length;
  batches.passOn();

  expect(passedOn).toBeGreaterThan(100_000);
  expect(texts.join("")).toBe(line.repeat(200));
});

test("what has been passed on is not passed on again, and nothing makes no text", () => {
  const { texts, batches } = collect();

  batches.passOn();
  batches.write("a\n");
  batches.passOn();
  batches.passOn();

  expect(texts).toEqual(["a\n"]);
});
