import { expect, test } from "@jest/globals";
import { eventRequestFromJson } from "../../src/ancestor/event-request-from-json.ts";

test.each([
  ['{"id":1, "deployment_id": 2, "message":"built"}', { id: 1, deploymentId: 2, message: "built" }],
  ['{"ID":1, "Deployment_Id":2}', { id: 1, deploymentId: 2 }],
  ['{"id":null, "other":[1]}', { id: 0 }],
  ['{"id":-2147483648}', { id: -2147483648 }],
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
])("refuses %s", (text) => {
  expect(eventRequestFromJson(text)).toBeUndefined();
});
