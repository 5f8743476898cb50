import { expect, test } from "@jest/globals";
import { EventLines } from "../../src/add/event-lines.ts";

/** Parses lines in order; shows each as its kind, with its problem or warning. */
function parsed(texts: readonly string[], strict = false): readonly string[] {
  const lines = new EventLines({ strict });
  return texts.map((text, index) => {
    const line = lines.parse({ kind: "text", number: index + 1, text });
    if (line.kind === "bad") return line.problem;
    return line.kind === "event" && line.warning !== undefined ? line.warning : line.kind;
  });
}

const ofEvent = (fields: object) => JSON.stringify({ deploymentId: "d", message: "m", ...fields });

test("says once of a pretty-printed event what makes a line of it", () => {
  const lines = parsed([
    ...JSON.stringify({ deploymentId: "d", data: { a: [1, "}"] } }, null, 2).split("\n"),
    ofEvent({}),
  ]);

  expect(lines[0]).toBe("an object that does not end on its line; expected one event a line: `jq -c '.'` makes that");
  expect(new Set(lines.slice(1, -1))).toEqual(new Set(["part"]));
  expect(lines.at(-1)).toBe("event");
});

test("takes no event out of an array, and goes on behind it", () => {
  const lines = parsed(["[", `  ${ofEvent({})},`, `  ${ofEvent({ message: "]" })}`, "]", ofEvent({})]);

  const array = "an array that does not end on its line; expected one event a line: `jq -c '.[]'` makes that";
  expect(lines).toEqual([array, "part", "part", "part", "event"]);
});

test.each(["{", '{"deploymentId":"d",', '{"deploymentId":"d","mess', "oops"])(
  "takes the events behind a line that was cut off: %s",
  (cut) => {
    expect(parsed([cut, ofEvent({}), ofEvent({})]).slice(1)).toEqual(["event", "event"]);
  },
);

test.each([
  [
    "deployment.finshed",
    'type "deployment.finshed" is not known and changes no state; did you mean deployment.finished?',
  ],
  ["Deployment.Started", "did you mean deployment.started?"],
  ["deployment.rolled_back", "did you mean deployment.rolledback?"],
  ["deploymnet.queued", "did you mean deployment.queued?"],
  ["deployment.complete", "known are deployment.queued, deployment.started, deployment.progress, "],
])("warns of the type %s", (type, warning) => {
  expect(parsed([ofEvent({ type })])[0]).toContain(warning);
  expect(parsed([ofEvent({ type })], true)[0]).toContain(`type: type ${JSON.stringify(type)}`);
});

test.each(["deployment.progress", "service.removed", "incident.opened", "approval.requested", "build.started", ""])(
  "says nothing of the type %j",
  (type) => {
    expect(parsed([ofEvent({ type })], true)).toEqual(["event"]);
  },
);

test("warns once of each type", () => {
  const types = ["deployment.finshed", "deployment.finshed", "deployment.strated"];

  const lines = parsed(types.map((type) => ofEvent({ type })));

  expect(lines.map((line) => line.includes("did you mean"))).toEqual([true, false, true]);
});
