import { expect, test } from "@jest/globals";
import { parseEventLine } from "../../src/add/event-line.ts";

const parse = (text: string) => parseEventLine({ kind: "text", number: 1, text });

test("reads an event in proto JSON and leaves its id to whoever sends it", () => {
  const parsed = parse('{"deploymentId":"d","message":"m"}');

  expect(parsed).toMatchObject({ kind: "event", event: { deploymentId: "d", message: "m", eventId: "" } });
});

test.each([
  ['{"sevrity":"x"}', 'key "sevrity" is unknown'],
  ['{"severity":"warning"}', "severity: expected one of SEVERITY_UNSPECIFIED, SEVERITY_DEBUG, "],
  ['{"outcome":"x"}', 'OUTCOME_ERROR; found "x"'],
  ['{"sendTime":"2026-02-30T10:00:00Z"}', "sendTime: There is no day 2026-02-30."],
  ['{"send_time":"2026-11-20T24:00:00Z"}', "send_time: There is no time 24:00:00; a day ends at 23:59:59."],
  ['{"sendTime":"2026-11-20 10:00:00Z"}', "sendTime: Expected a time such as 2026-01-31T08:15:00Z"],
  ['{"sendTime":5}', "sendTime: Expected a time such as"],
  ['{"eventId":""}', "eventId: is empty; omit it to get a new id"],
  ['{"event_id":null}', "event_id: is empty; omit it to get a new id"],
  ['{"labels":{"pr":null}}', "labels: map value must not be null"],
  ['{"message":5}', "message: expected string, got 5"],
  ['{"message":"x\\ud83d"}', "message: lone surrogate"],
  ['{"data":{"k":["x\\ud83d"]}}', "data.k[0]: lone surrogate"],
  [
    '{"data":{"id":9007199254740993}}',
    "data.id: 9007199254740993 would lose precision as a number; write it as a string",
  ],
  ['{"data":{"x":-0}}', "data.x: -0 would lose precision"],
  ['{"data":{"a":1,"a":2}}', "data.a: duplicate key"],
  ['{"eventId":"a","event_id":"b"}', "event_id: set multiple times"],
  ["{", "; expected one JSON object per line, as `jq -c .` writes it"],
  ['"deploymentId"', "expected one JSON object per line"],
])("says of %s what is wrong", (text, problem) => {
  expect(parse(text)).toEqual({ kind: "bad", problem: expect.stringContaining(problem) });
});

test.each(['{"message":null}', '{"sendTime":null}', '{"data":null}', '{"data":{"k":null}}', '{"severity":200}'])(
  "takes %s, as proto JSON does",
  (text) => {
    expect(parse(text).kind).toBe("event");
  },
);
