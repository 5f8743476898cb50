import { expect, test } from "@jest/globals";
import { messageIdOf, parsePush } from "../src/pushed-message.ts";

const base64 = (text: string) => Buffer.from(text).toString("base64");
const poke = { kind: "poke", deploymentId: "release-42" };
const data = base64(JSON.stringify(poke));
const subscription = "projects/p/subscriptions/mirror";

test.each([
  ["as the emulator pushes it", { message: { data, messageId: "1", message_id: "1", publishTime: "t" }, subscription }],
  [
    "as the platform pushes it",
    {
      message: { data, attributes: { a: "b" }, messageId: "1", orderingKey: "release-42", publishTime: "t" },
      subscription,
      deliveryAttempt: 3,
    },
  ],
  [
    "inside a CloudEvent",
    { specversion: "1.0", id: "1", type: "t", source: "s", data: { message: { data }, subscription } },
  ],
  ["as a person posts it", poke],
])("reads a poke %s", (_way, body) => {
  expect(parsePush(body)).toEqual({ kind: "poke", deploymentId: "release-42" });
});

test.each([
  ["pushed", { message: { data: base64('{"kind":"sweep"}') }, subscription }],
  ["posted", { kind: "sweep" }],
])("reads a sweep that is %s", (_way, body) => {
  expect(parsePush(body)).toEqual({ kind: "sweep" });
});

test.each([
  ["nothing", undefined],
  ["null", null],
  ["text", "poke"],
  ["bytes", Buffer.from("poke")],
  ["a list", [poke]],
  ["an empty object", {}],
  ["a message that is none", { message: "poke" }],
  ["a message without data, but with attributes", { message: { attributes: { kind: "sweep" } }, subscription }],
  ["empty data", { message: { data: "" }, subscription }],
  ["data that is no text", { message: { data: 7 } }],
  ["data that is no Base64 of JSON", { message: { data: "%%%" } }],
  ["data that is null", { message: { data: base64("null") } }],
  ["another kind", { message: { data: base64('{"kind":"repeat"}') } }],
  ["a poke without a deployment", { message: { data: base64('{"kind":"poke"}') } }],
  ["a poke with what names none", { message: { data: base64('{"kind":"poke","deploymentId":"__x__"}') } }],
  ["a replay without sequences", { kind: "replay", deploymentId: "d" }],
  ["a replay from sequence 0", { kind: "replay", deploymentId: "d", fromSequence: 0, toSequence: 1 }],
  ["a replay to no whole number", { kind: "replay", deploymentId: "d", fromSequence: 1, toSequence: 1.5 }],
  ["a replay of nothing that has a name", { kind: "replay", deploymentId: "__x__", fromSequence: 1, toSequence: 2 }],
  ["a poke with a number", { message: { data: base64('{"kind":"poke","deploymentId":7}') } }],
])("takes %s for invalid", (_what, body) => {
  expect(parsePush(body)).toMatchObject({ kind: "invalid", reason: expect.any(String) });
});

test("reads a replay", () => {
  const replay = { kind: "replay", deploymentId: "release-42", fromSequence: 1, toSequence: 2 };

  expect(parsePush(replay)).toEqual(replay);
  expect(parsePush({ message: { data: base64(JSON.stringify(replay)) }, subscription })).toEqual(replay);
});

test("tells the id of a pushed message", () => {
  expect(messageIdOf({ message: { data, messageId: "17" }, subscription })).toBe("17");
  expect(messageIdOf({ data: { message: { data, messageId: "17" } } })).toBe("17");
  expect(messageIdOf(poke)).toBeUndefined();
  expect(messageIdOf(undefined)).toBeUndefined();
});
