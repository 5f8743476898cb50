import { EventSchema } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { create, toBinary } from "@bufbuild/protobuf";
import { expect, test } from "@jest/globals";
import { contentOf } from "../../src/verify/event-content.ts";

const encoded = (init: Parameters<typeof create<typeof EventSchema>>[1]) =>
  toBinary(EventSchema, create(EventSchema, init));

const ofServer = {
  name: "deployments/d/events/e",
  eventId: "e",
  deploymentId: "d",
  sequence: 3n,
  sendTime: { seconds: 1n },
  receiveTime: { seconds: 2n },
  salt: new Uint8Array(16).fill(1),
  commitment: new Uint8Array(32).fill(2),
  principal: "me",
};

test("leaves out the names, the place, the times and what else the server sets, wherever they stand", () => {
  const content = { message: "m", commitTime: { seconds: 5n }, labels: { a: "b" }, data: { a: [1] }, traceParent: "t" };

  const between = Buffer.concat([encoded({ message: "m" }), encoded(ofServer), encoded({ url: "u" })]);

  expect(contentOf(encoded({ ...content, ...ofServer }))).toEqual(Buffer.from(encoded(content)));
  expect(contentOf(between)).toEqual(Buffer.concat([encoded({ message: "m" }), encoded({ url: "u" })]));
  expect(contentOf(encoded(ofServer))).toEqual(Buffer.alloc(0));
});

test("keeps the bytes of fields that nobody knows, groups and long varints too", () => {
  // Field 50, a group with a field in it; field 999, a text; field 26, a 1 that is longer than need be.
  const unknown = Uint8Array.of(0x93, 3, 0x08, 1, 0x94, 3, 0xba, 0x3e, 2, 0x68, 0x69, 0xd0, 1, 0x81, 0x00);

  expect(contentOf(Buffer.concat([unknown, encoded(ofServer)]))).toEqual(Buffer.from(unknown));
});

test("throws at bytes that are no message", () => {
  expect(() => contentOf(Uint8Array.of(0x42, 9, 1))).toThrow("premature EOF");
});
