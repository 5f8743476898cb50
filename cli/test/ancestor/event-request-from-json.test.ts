import { expect, test } from "@jest/globals";
import { eventRequestFromJson } from "../../src/ancestor/event-request-from-json.ts";

test.each([
  ['{"id":1, "deployment_id": 2, "message":"built"}', { id: 1, deploymentId: 2, message: "built" }],
  ['{"ID":1, "Deployment_Id":2}', { id: 1, deploymentId: 2 }],
  ['{"id":null, "other":[1]}', { id: 0 }],
  ['{"id":-2147483648}', { id: -2147483648 }],
  ['{"id":6,"id":7}', { id: 7 }],
  ['{"id":8,"ID":9}', { id: 9 }],
  ['{"id":10,"id":null}', { id: 10 }],
  ['{"\\u0069d":17}', { id: 17 }],
  ['{"me\u017f\u017fage":"folded"}', { message: "folded" }],
  ['{"message":"a,}]{[:\\"", "id":3}', { id: 3, message: 'a,}]{[:"' }],
  ['{"x":{"id":1,"y":[{"id":2}]},"id":4}', { id: 4 }],
  ['{"id":-0}', { id: 0 }],
  ['{"timestamp":{"SEND":9223372036854775807,"x":[],"receive":null}, "id":1}', { id: 1 }],
  ['{"message":"\\ud800"}', { message: "\ufffd" }],
  ['{"timestamp":{"send":1}, "id":1}', { id: 1 }],
  ["null", { id: 0, deploymentId: 0, message: "" }],
])("reads %s as encoding/json does", (text, event) => {
  expect(eventRequestFromJson(text)).toMatchObject(event);
});

test.each([
  "",
  "{",
  "[]",
  '"x"',
  "{} x",
  '{"id":1.0}',
  '{"id":1e0}',
  '{"id":"1"}',
  '{"id":2147483648}',
  '{"deployment_id":true}',
  '{"message":3}',
  '{"timestamp":3}',
  '{"timestamp":{"send":"1"}}',
  '{"timestamp":{"send":1.5}}',
  '{"timestamp":{"receive":9223372036854775808}}',
  '{"id":"x","id":11}',
  '{"message":3,"message":"ok"}',
  '{"id":-2147483649}',
])("refuses %s", (text) => {
  expect(eventRequestFromJson(text)).toBeUndefined();
});
