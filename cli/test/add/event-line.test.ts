import { Outcome, Severity } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { expect, test } from "@jest/globals";
import { parseEventLine } from "../../src/add/event-line.ts";

const parse = (text: string) => parseEventLine({ kind: "text", number: 1, text });

test("reads an event in proto JSON and leaves its id to whoever sends it", () => {
  const parsed = parse('{"deploymentId":"d","message":"m"}');

  expect(parsed).toMatchObject({ kind: "event", event: { deploymentId: "d", message: "m", eventId: "" } });
});

test.each([
  ['{"sevrity":"x"}', 'key "sevrity" is unknown; did you mean "severity"?'],
  ['{"deployment":"x"}', 'key "deployment" is unknown'],
  [
    '{"severity":"warn"}',
    'severity: expected one of debug, info, notice, warning, error, critical, alert, emergency; found "warn"',
  ],
  ['{"severity":[]}', "severity: expected one of debug, "],
  ['{"outcome":"x"}', 'outcome: expected one of success, failure, canceled, error; found "x"'],
  ['{"outcome":true}', "outcome: expected one of success, failure, canceled, error; found true"],
  ['{"sendTime":"2026-02-30T10:00:00Z"}', "sendTime: There is no day 2026-02-30."],
  ['{"send_time":"2026-11-20T24:00:00Z"}', "send_time: There is no time 24:00:00; a day ends at 23:59:59."],
  ['{"sendTime":"2026-11-20 10:00:00Z"}', "sendTime: Expected a time such as 2026-01-31T08:15:00Z"],
  ['{"sendTime":5}', "sendTime: Expected a time such as"],
  ['{"eventId":""}', "eventId: is empty; omit it to get a new id"],
  ['{"event_id":null}', "event_id: is empty; omit it to get a new id"],
  ['{"labels":{"pr":null}}', 'labels["pr"]: expected a string; found null'],
  ['{"labels":[]}', "labels: expected an object; found []"],
  ['{"data":"x"}', 'data: expected an object; found "x"'],
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
  ["{", "or '}' at column 2; expected one event a line, as `jq -c .` writes it"],
  ['{"a":1}x', "after JSON at column 8; expected one event a line"],
  ['"deploymentId"', "not an event: expected one event a line"],
  ['[{"deploymentId":"d"}]', "an array; expected one event a line: `jq -c '.[]'` makes that"],
])("says of %s what is wrong", (text, problem) => {
  expect(parse(text)).toEqual({ kind: "bad", problem: expect.stringContaining(problem) });
});

test.each(["SEVERITY_WARNING", "WARNING", "warning", "Warning", 400])("takes the severity %j", (severity) => {
  expect(parse(JSON.stringify({ severity }))).toMatchObject({ event: { severity: Severity.WARNING } });
});

test.each(["OUTCOME_FAILURE", "FAILURE", "failure", 2])("takes the outcome %j", (outcome) => {
  expect(parse(JSON.stringify({ outcome }))).toMatchObject({ event: { outcome: Outcome.FAILURE } });
});

test.each(['{"message":null}', '{"sendTime":null}', '{"data":null}', '{"data":{"k":null}}', '{"severity":200}'])(
  "takes %s, as proto JSON does",
  (text) => {
    expect(parse(text).kind).toBe("event");
  },
);
