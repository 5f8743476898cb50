import { expect, test } from "@jest/globals";
import { parseEventLine } from "../../src/add/event-line.ts";
import { LinesUnderWay } from "../../src/add/lines-under-way.ts";
import type { Line } from "../../src/text/read-lines.ts";

const event = '{"deploymentId":"d","message":"m"}';

/** Lines that come in one go, and what is told of them. */
function under(texts: readonly string[]) {
  const told: (number | string)[] = [];
  async function* input() {
    yield texts.map((text, index): Line => ({ kind: "text", number: index + 1, text }));
  }
  const lines = new LinesUnderWay({
    lines: input(),
    parse: parseEventLine,
    onWarning: () => {},
    onFault: (number) => told.push(number),
  });
  return { lines, told, taken: lines.take() };
}

test("tells faults in the order of their lines: after the outcomes of the lines before", async () => {
  const { lines, told, taken } = under(["{", event, "", "{", event, "{", event]);

  while (!(await taken.next()).done);
  told.push("all taken");
  for (let outcome = 0; outcome < 3; outcome += 1) {
    lines.settle(outcome === 1 ? { exitCode: 4, text: "refused" } : undefined);
    told.push("outcome");
  }

  expect(told).toEqual([1, "all taken", 4, "outcome", 5, 6, "outcome", "outcome"]);
});

test("knows which lines are under way, and where it would go on", async () => {
  const { lines, taken } = under([event, "{", event, "{", event, event]);
  for (let events = 0; events < 3; events += 1) await taken.next();
  lines.settle();

  lines.stop();
  const after = await taken.next();

  expect(after.done).toBe(true);
  expect([lines.events, lines.range, lines.nextNumber]).toEqual([2, { first: 3, last: 5 }, 6]);
});

test("tells the faults behind lines that get no outcome", async () => {
  const { lines, told, taken } = under([event, "{", event, "{"]);
  while (!(await taken.next()).done);

  lines.abandon();

  expect(told).toEqual([2, 4]);
  expect(lines.events).toBe(0);
});

test("has nowhere to go on when the input has ended", async () => {
  const { lines, taken } = under([event]);

  while (!(await taken.next()).done);
  lines.settle();

  expect([lines.events, lines.range, lines.nextNumber]).toEqual([0, undefined, undefined]);
});

test("holds a bounded number of faults while an event is under way", async () => {
  const { lines, told, taken } = under([event, ...Array<string>(5_000).fill("{"), event]);
  await taken.next();
  const next = taken.next();
  await new Promise(setImmediate);
  const heldUpAt = lines.nextNumber;

  lines.settle();
  await next;

  expect(heldUpAt).toBeLessThan(1_100);
  expect(told).toHaveLength(5_000);
});
