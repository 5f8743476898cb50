import { EventRequestSchema } from "@activity-events/proto/activityevents/activity_events_pb.js";
import { create } from "@bufbuild/protobuf";
import { expect, test } from "@jest/globals";
import { textFormat } from "../../src/ancestor/text-format.ts";

// Each expected text was written by golang/protobuf 1.3.2.
test("writes an event as the ancestor does, with a space after every field", () => {
  const event = create(EventRequestSchema, {
    id: 1,
    message: "Deployment has been created successfully",
    timestamp: { send: 1569500037894488000n, receive: 1569500037898843000n },
    deploymentId: 1,
  });

  const text = textFormat(event);

  expect(text).toBe(
    'id:1 message:"Deployment has been created successfully" timestamp:<send:1569500037894488000 receive:1569500037898843000 > deployment_id:1 ',
  );
});

test("leaves out what is zero, but not a timestamp that is there", () => {
  const texts = [{}, { id: -1, message: "x" }, { timestamp: {} }].map((event) =>
    textFormat(create(EventRequestSchema, event)),
  );

  expect(texts).toEqual(["", 'id:-1 message:"x" ', "timestamp:<> "]);
});

test("escapes a message byte by byte", () => {
  const event = create(EventRequestSchema, { message: "a\"b\\c\n\t\r\0\x1bü\x7f'" });

  const text = textFormat(event);

  expect(text).toBe(String.raw`message:"a\"b\\c\n\t\r\000\033\303\274\177'" `);
});
