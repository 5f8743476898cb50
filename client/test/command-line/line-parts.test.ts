import { expect, test } from "@jest/globals";
import { type ParsedLine, parseEventLine } from "../../src/command-line/event-line.ts";
import { lineParts } from "../../src/command-line/line-parts.ts";

const parsed = (...texts: readonly string[]): ParsedLine[] =>
  texts.map((text, index) => parseEventLine({ kind: "text", number: index + 1, text }));

const eventOf = (deploymentId: string, message = "m") => JSON.stringify({ deploymentId, message });

const words = (lines: readonly ParsedLine[]) =>
  lineParts(lines).map((part) => (part.kind === "bad" ? "bad" : part.lines.map(({ number }) => number)));

test("puts neighbours of one deployment into one batch and keeps the order", () => {
  const parts = words(parsed(eventOf("a"), eventOf("a"), "", eventOf("b"), eventOf("a"), "{", eventOf("a")));

  expect(parts).toEqual([[1, 2], [4], [5], "bad", [7]]);
});

test("makes no batch larger than one call takes, by number and by bytes", () => {
  const many = words(parsed(...Array(1_001).fill(eventOf("a"))));
  const large = words(parsed(...Array(3).fill(eventOf("a", "x".repeat(900_000)))));

  expect(many.map((part) => part.length)).toEqual([500, 500, 1]);
  expect(large).toEqual([[1, 2], [3]]);
});

test("gives each event an id, so that it may be sent again", () => {
  const [line] = parsed(eventOf("a"));

  expect(line?.kind === "event" && line.line.event.eventId).toHaveLength(36);
});

test("says what is wrong with a line that holds no event", () => {
  const problems = parsed('{"sevrity":"x"}', '{"severity":"BAD"}').map((line) => line.kind === "bad" && line.problem);

  expect(problems).toEqual([expect.stringContaining('"sevrity" is unknown'), expect.stringContaining("Severity")]);
});
