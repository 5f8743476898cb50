import { EventSchema } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { expect, test } from "@jest/globals";
import { checkFields } from "../src/check-fields.ts";
import { mirrorMessage } from "../src/mirror-message.ts";
import { content, deploymentId, firstRun, readable, storedEvent } from "./builders.ts";

function varint(value: number | bigint): number[] {
  const bytes: number[] = [];
  let rest = BigInt(value);
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return [...bytes, Number(rest)];
}

const tag = (number: number, wireType: number) => varint(number * 8 + wireType);
const delimited = (number: number, bytes: readonly number[]) => [...tag(number, 2), ...varint(bytes.length), ...bytes];
const ones = (count: number) => Array<number>(count).fill(0xff);
const { data, labels, message, sendTime } = EventSchema.field;
const unknown = 999;

const refused: [string, number[]][] = [
  ["a tag of more than 32 bits", [...varint(2n ** 32n + BigInt(message.number * 8 + 2)), 1, 0x41]],
  ["a length of more than 32 bits", [...tag(message.number, 2), ...varint(2n ** 32n + 1n), 0x41]],
  ["a length of 32 bits", [...tag(unknown, 2), ...varint(2n ** 31n)]],
  ["an unknown number of 11 bytes", [...tag(unknown, 0), ...ones(10), 1]],
  ["an unknown number of 70 bits", [...tag(unknown, 0), ...ones(9), 0x7f]],
  ["an unknown number of 65 bits", [...tag(unknown, 0), ...ones(9), 0x02]],
  ["an overlong number within a group", [...tag(unknown, 3), ...tag(1, 0), ...ones(10), 1, ...tag(unknown, 4)]],
  ["a group that does not end", [...tag(unknown, 3), ...tag(1, 0), 1]],
  ["the end of no group", tag(unknown, 4)],
  ["a field of number 0", [0, 0]],
  ["wire type 6", [...tag(unknown, 6), 1]],
  ["a number that is cut off", [...tag(unknown, 0), 0x80]],
  ["eight bytes that are cut off", [...tag(unknown, 1), 1, 2, 3]],
  ["four bytes that are cut off", [...tag(unknown, 5), 1, 2, 3]],
  ["a text that is cut off", [...tag(unknown, 2), 5, 1]],
  ["an overlong number within data", delimited(data.number, [...tag(unknown, 0), ...ones(10), 1])],
  ["a field that ends outside of data", delimited(data.number, [...tag(unknown, 1), 1])],
  ["an overlong number within a label", delimited(labels.number, [...tag(unknown, 0), ...ones(10), 1])],
  [
    "an overlong number within a value of data",
    delimited(data.number, delimited(1, delimited(2, [...tag(unknown, 0), ...ones(10), 1]))),
  ],
  ["an overlong number within a time", delimited(sendTime.number, [...tag(unknown, 0), ...ones(10), 1])],
  ["groups of 200 levels", [...Array(200).fill(tag(unknown, 3)).flat(), ...Array(200).fill(tag(unknown, 4)).flat()]],
];

test.each(refused)("an event with %s gets a tombstone", (_, bytes) => {
  const stored = storedEvent(17);
  const event = { ...stored, content: Buffer.concat([stored.content, Buffer.from(bytes)]) };

  expect(mirrorMessage(readable(event), firstRun(deploymentId("d")))).toMatchObject({
    kind: "tombstone",
    sequence: 17,
    eventId: "event-17",
    reason: "EVENT_UNREADABLE",
  });
});

test.each([
  ["an unknown number of 64 bits", [...tag(unknown, 0), ...ones(9), 0x01]],
  ["a number written longer than it need be", [...tag(unknown, 0), 0x80, 0x80, 0x00]],
  [
    "a group in a group",
    [...tag(unknown, 3), ...tag(998, 3), ...delimited(1, [0xff]), ...tag(998, 4), ...tag(unknown, 4)],
  ],
  ["unknown bytes that are no message", delimited(unknown, [0xff, 0xff])],
  ["fields of eight and four bytes", [...tag(unknown, 1), ...ones(8), ...tag(unknown, 5), ...ones(4)]],
  ["the highest field number", [...tag(2 ** 29 - 1, 0), 1]],
])("an event with %s is published as it is", (_, bytes) => {
  const event = { ...storedEvent(17), content: Buffer.concat([content({ message: "m" }), Buffer.from(bytes)]) };

  expect(mirrorMessage(readable(event), firstRun(deploymentId("d")))).toMatchObject({ kind: "event", sequence: 17 });
});

test("what an event is made of is read in all its parts", () => {
  const whole = content({
    message: "m",
    labels: { team: "x", "": "" },
    data: { list: [1, "two", null, true, { deep: [-1.5] }], text: "x".repeat(300) },
    sendTime: { seconds: 1_795_507_426n, nanos: 999_999_999 },
  });

  expect(() => checkFields(EventSchema, whole)).not.toThrow();
});
