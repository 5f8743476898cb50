import { type DeploymentId, type EventId, noSalt, type StoredEvent } from "@activity-events/event-store";
import {
  GetEventResponseSchema,
  ListEventsResponseSchema,
} from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { EventSchema } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { expect, test } from "@jest/globals";
import { encodeGetEventResponse, encodeListEventsResponse } from "../src/grpc/codec/encode.ts";

const deploymentId = "d" as DeploymentId;
const forged = { principal: "user:root@acme.example", commitment: new Uint8Array(32).fill(1) };
const older: StoredEvent = {
  eventId: "e" as EventId,
  sequence: 7,
  receiveTimeUs: 1,
  type: "deployment.progress",
  severity: 200,
  labels: {},
  content: toBinary(EventSchema, create(EventSchema, { type: "deployment.progress", message: "m", ...forged })),
  stamp: new Uint8Array(),
  salt: noSalt,
};

test("what a producer gave an older version under the server's numbers is not shown as the server's", () => {
  const { event } = fromBinary(GetEventResponseSchema, encodeGetEventResponse(deploymentId, older));

  expect(event).toMatchObject({ message: "m", sequence: 7n, principal: "" });
  expect(event?.commitment).toHaveLength(0);
  // Its length is right as well: what follows it can be read.
  const page = encodeListEventsResponse(deploymentId, { events: [older, older], nextPageToken: "t" });
  const listed = fromBinary(ListEventsResponseSchema, page);
  expect(listed.events.map(({ principal }) => principal)).toEqual(["", ""]);
  expect(listed.nextPageToken).toBe("t");
});
