import { expect, test } from "@jest/globals";
import { parseEventLine } from "../../src/command-line/event-line.ts";

const parse = (text: string) => parseEventLine({ kind: "text", number: 1, text });

test("reads an event in proto JSON and leaves its id to whoever sends it", () => {
  const parsed = parse('{"deploymentId":"d","message":"m"}');

  expect(parsed).toMatchObject({ kind: "event", event: { deploymentId: "d", message: "m", eventId: "" } });
});

test("says what is wrong with a line that holds no event", () => {
  const problems = ['{"sevrity":"x"}', '{"severity":"BAD"}'].map((text) => {
    const parsed = parse(text);
    return parsed.kind === "bad" && parsed.problem;
  });

  expect(problems).toEqual([expect.stringContaining('"sevrity" is unknown'), expect.stringContaining("Severity")]);
});
