import { commitmentOf, type DeploymentId } from "@activity-events/event-store";
import { EventSchema, Outcome, Severity } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { create, toBinary } from "@bufbuild/protobuf";
import { TimestampSchema } from "@bufbuild/protobuf/wkt";
import { expect, test } from "@jest/globals";
import { storedEventMessage } from "../src/stored-event-message.ts";
import { content, deploymentId, readable, storedEvent } from "./builders.ts";

const messageOf = (id: DeploymentId, event: Parameters<typeof storedEventMessage>[1]) =>
  storedEventMessage(id, event, { replayed: false });
const traceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

test("is a CloudEvent in binary mode whose data is the event as proto JSON", () => {
  const sendTime = create(TimestampSchema, { seconds: 1_795_507_426n, nanos: 1 });
  const event = {
    ...storedEvent(17, {
      type: "deployment.finished",
      outcome: Outcome.FAILURE,
      severity: Severity.ERROR,
      message: "größer",
      environment: "production",
      labels: { team: "a" },
      data: { deep: [[1]] },
      traceParent,
    }),
    stamp: toBinary(EventSchema, create(EventSchema, { sendTime, principal: "user:mira@acme.example" })),
    salt: new Uint8Array(16).fill(7),
  };
  const commitment = commitmentOf({
    ...event,
    sendTime: { seconds: 1_795_507_426, nanos: 1 },
    principal: "user:mira@acme.example",
  });

  const message = messageOf(deploymentId("release-42"), readable(event, new Uint8Array(32).fill(0xab)));

  expect(message.orderingKey).toBe("release-42");
  expect(message.attributes).toEqual({
    "content-type": "application/json",
    "ce-specversion": "1.0",
    "ce-id": "event-17",
    "ce-source": "//activityevents/deployments/release-42",
    "ce-type": "deployment.finished",
    "ce-subject": "release-42",
    "ce-time": "2026-11-24T08:03:46.971868Z",
    "ce-sequence": "17",
    "ce-traceparent": traceParent,
    deployment_id: "release-42",
    type: "deployment.finished",
    environment: "production",
    severity: "ERROR",
    history_hash: "ab".repeat(32),
    commitment: Buffer.from(commitment).toString("hex"),
  });
  expect(JSON.parse(Buffer.from(message.data).toString())).toEqual({
    name: "deployments/release-42/events/event-17",
    eventId: "event-17",
    deploymentId: "release-42",
    sequence: "17",
    type: "deployment.finished",
    outcome: "OUTCOME_FAILURE",
    severity: "SEVERITY_ERROR",
    message: "größer",
    sendTime: "2026-11-24T08:03:46.000000001Z",
    receiveTime: "2026-11-24T08:03:46.971868Z",
    environment: "production",
    labels: { team: "a" },
    data: { deep: [[1]] },
    traceParent,
    salt: "BwcHBwcHBwcHBwcHBwcHBw==",
    principal: "user:mira@acme.example",
  });
});

test("commits to an event without a send time, which an older version stored", () => {
  const event = storedEvent(1);

  const { attributes } = messageOf(deploymentId("d"), readable(event));

  const commitment = commitmentOf({ ...event, sendTime: undefined, principal: "" });
  expect(attributes.commitment).toBe(Buffer.from(commitment).toString("hex"));
});

test("takes nothing for the server's own that an older version kept of a producer's unknown fields", () => {
  const unknown = toBinary(EventSchema, create(EventSchema, { principal: "admin", commitment: new Uint8Array(32) }));
  const event = { ...storedEvent(1), content: Buffer.concat([content(), unknown]) };

  const { data } = messageOf(deploymentId("d"), readable(event));

  expect(JSON.parse(Buffer.from(data).toString())).not.toHaveProperty("principal");
  expect(JSON.parse(Buffer.from(data).toString())).not.toHaveProperty("commitment");
});

test("leaves out what is not set", () => {
  const { attributes, data } = messageOf(deploymentId("d"), readable(storedEvent(1)));

  expect(Object.keys(attributes)).not.toEqual(expect.arrayContaining(["environment"]));
  expect(attributes).not.toHaveProperty("ce-traceparent");
  expect(attributes).not.toHaveProperty("environment");
  expect(attributes).not.toHaveProperty("history_hash");
  expect(Object.keys(JSON.parse(Buffer.from(data).toString()))).toEqual([
    "name",
    "eventId",
    "deploymentId",
    "sequence",
    "type",
    "severity",
    "receiveTime",
    "salt",
  ]);
});

test("says a severity by number that has no name", () => {
  expect(
    messageOf(deploymentId("d"), readable(storedEvent(1, { severity: 250 as Severity }))).attributes.severity,
  ).toBe("250");
});

test.each([
  ["bytes that are no message", { content: new Uint8Array([255, 255]) }],
  ["content of nothing", { content: new Uint8Array() }],
  ["a receive time that no calendar has", { receiveTimeUs: 1e18 }],
  ["a sequence that is no whole number", { sequence: 1.5 }],
])("throws on %s", (_what, fields) => {
  expect(() => messageOf(deploymentId("d"), readable({ ...storedEvent(1), ...fields }))).toThrow();
});

test("is of a redacted event what is left of it, with the commitment to what was there", () => {
  const commitment = new Uint8Array(32).fill(0xcd);
  const redaction = { commitment, keyId: new Uint8Array(8), contentMac: new Uint8Array(32) };
  const event = { ...storedEvent(1), salt: new Uint8Array(), redaction };

  const { attributes, data } = messageOf(deploymentId("d"), readable(event, new Uint8Array(32).fill(0xab)));

  const json = JSON.parse(Buffer.from(data).toString());
  expect(attributes).toMatchObject({ commitment: "cd".repeat(32), history_hash: "ab".repeat(32) });
  expect(json).not.toHaveProperty("salt");
  expect(json.commitment).toBe(Buffer.from(commitment).toString("base64"));
});

test("is marked where the event was imported or is replayed, and not otherwise", () => {
  const imported = { ...readable(storedEvent(1)), imported: true };

  const marksOf = (event: Parameters<typeof storedEventMessage>[1], replayed: boolean) => {
    const { attributes } = storedEventMessage(deploymentId("d"), event, { replayed });
    return [attributes.imported, attributes.replayed];
  };

  expect(marksOf(readable(storedEvent(1)), false)).toEqual([undefined, undefined]);
  expect(marksOf(imported, false)).toEqual(["true", undefined]);
  expect(marksOf(imported, true)).toEqual(["true", "true"]);
});
