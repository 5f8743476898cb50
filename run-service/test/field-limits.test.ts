import { ActivityEventsService } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { EventSchema, Outcome, type Severity } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { create, type JsonObject, type JsonValue, toBinary } from "@bufbuild/protobuf";
import { StructSchema, ValueSchema } from "@bufbuild/protobuf/wkt";
import { describe, expect, test } from "@jest/globals";
import { bytesField, encodeCreateEventRequest, encodeEvent, unknownField } from "./encode-request.ts";
import { type EventInit, newEvent } from "./new-event.ts";
import { refusalOf } from "./read-refusal.ts";
import { serviceOfSuite } from "./start-service.ts";

const { createEvent, getEvent } = ActivityEventsService.method;
const KiB = 1024;

describe("the rules for the fields of an event", () => {
  const service = serviceOfSuite();
  const record = (fields: EventInit) => service.client.call(createEvent, { event: { ...newEvent(), ...fields } });

  const fits: readonly [string, EventInit][] = [
    ["event_id of 128", { eventId: "i".repeat(128) }],
    ["event_id of every kind of character", { eventId: "aZ09._~:-" }],
    ["event_id that begins with -", { eventId: "-1" }],
    ["deployment_id of 128", { deploymentId: `${Date.now()}`.padEnd(128, "d") }],
    ["deployment_id of every kind of character", { deploymentId: "9aZ._~:-" }],
    ["type of 256 bytes", { type: "t".repeat(256) }],
    ["type of 256 bytes in 128 characters", { type: "é".repeat(128) }],
    ["message of 64 KiB", { message: "m".repeat(64 * KiB) }],
    ["message of 64 KiB in 4-byte characters", { message: "😀".repeat(16 * KiB) }],
    ["actor of 256 bytes", { actor: "a".repeat(256) }],
    ["environment of 256 bytes", { environment: "a".repeat(256) }],
    ["service of 256 bytes", { service: "a".repeat(256) }],
    ["revision of 256 bytes", { revision: "a".repeat(256) }],
    ["commit of 256 bytes", { commit: "a".repeat(256) }],
    ["source of 1 KiB", { source: "a".repeat(KiB) }],
    ["source that is relative", { source: "../runs/7?x=%20#y" }],
    ["url of 1 KiB", { url: "a".repeat(KiB) }],
    ["url with an IPv6 host", { url: "https://user@[::1]:8443/a;b=c,d!$&'()*+~_-." }],
    ["trace_parent in W3C's form", { traceParent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" }],
    ["32 labels", { labels: labels(32) }],
    ["label of a key of 256 and a value of 1,024 bytes", { labels: { ["k".repeat(256)]: "v".repeat(KiB) } }],
    ["data of 64 KiB", { data: dataOf(64 * KiB) }],
    ["data of 20 levels", { data: nested(20) }],
    ["data of 20 levels, half of them arrays", { data: nested(20, true) }],
    ["outcome of a finished deployment", { type: "deployment.finished", outcome: Outcome.CANCELED }],
    ...[0, 100, 200, 300, 400, 500, 600, 700, 800].map((severity): [string, EventInit] => [
      `severity ${severity}`,
      { severity: severity as Severity },
    ]),
  ];
  test.each(fits)("takes %s", async (_, fields) => {
    const { event } = await record(fields);

    expect(event?.sequence).toBeGreaterThan(0n);
  });

  const faults: readonly [string, EventInit, string][] = [
    ["event_id of 129", { eventId: "i".repeat(129) }, "event_id"],
    ...["_a", ".", "..", "~a", ":a", "__x__", "a/b", "a b", "é", "a\0", "a\n", "a%"].map(
      (eventId): [string, EventInit, string] => [`event_id ${JSON.stringify(eventId)}`, { eventId }, "event_id"],
    ),
    ["deployment_id that is empty", { deploymentId: "" }, "deployment_id"],
    ["deployment_id of 129", { deploymentId: "d".repeat(129) }, "deployment_id"],
    ...[".", "..", "_a", "a/b", "deployments/a", "a\0"].map((deploymentId): [string, EventInit, string] => [
      `deployment_id ${JSON.stringify(deploymentId)}`,
      { deploymentId },
      "deployment_id",
    ]),
    ["neither message nor type", { message: "", type: "" }, "message"],
    ["type of 257 bytes", { type: "t".repeat(257) }, "type"],
    ["type of 258 bytes in 129 characters", { type: "é".repeat(129) }, "type"],
    ["message of 64 KiB and a byte", { message: "m".repeat(64 * KiB + 1) }, "message"],
    ["actor of 257 bytes", { actor: "a".repeat(257) }, "actor"],
    ["environment of 257 bytes", { environment: "a".repeat(257) }, "environment"],
    ["service of 257 bytes", { service: "a".repeat(257) }, "service"],
    ["revision of 257 bytes", { revision: "a".repeat(257) }, "revision"],
    ["commit of 257 bytes", { commit: "a".repeat(257) }, "commit"],
    ["source of 1 KiB and a byte", { source: "a".repeat(KiB + 1) }, "source"],
    ["source with a space", { source: "a b" }, "source"],
    ["source with a NUL", { source: "a\0" }, "source"],
    ["url of 1 KiB and a byte", { url: "a".repeat(KiB + 1) }, "url"],
    ...["<a>", "é", "%zz", "%a", 'a"b', "a\\b", "a^b"].map((url): [string, EventInit, string] => [
      `url ${url}`,
      { url },
      "url",
    ]),
    ...["x", "00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "00-0af7651916cd43dd8448eb211c80319c-01"].map(
      (traceParent): [string, EventInit, string] => [`trace_parent ${traceParent}`, { traceParent }, "trace_parent"],
    ),
    ["33 labels", { labels: labels(33) }, "labels"],
    ["10,000 labels", { labels: labels(10_000) }, "labels"],
    ["label with an empty key", { labels: { "": "x" } }, "labels"],
    ["label with a value of 1,025 bytes", { labels: { team: "v".repeat(KiB + 1) } }, 'labels["team"]'],
    ["data of 64 KiB and a byte", { data: dataOf(64 * KiB + 1) }, "data"],
    ["data of 21 levels", { data: nested(21) }, "data"],
    ["data of 21 levels, half of them arrays", { data: nested(21, true) }, "data"],
    ["data with an array of 200,000 items", { data: { a: Array(200_000).fill(null) } }, "data"],
    ["send_time in the year 0", { sendTime: { seconds: -62_135_596_801n, nanos: 0 } }, "send_time"],
    ["send_time in the year 10000", { sendTime: { seconds: 253_402_300_800n, nanos: 0 } }, "send_time"],
    ["send_time in the year 20000", { sendTime: { seconds: 568_971_820_800n, nanos: 0 } }, "send_time"],
    ["send_time with negative nanos", { sendTime: { seconds: 1n, nanos: -1 } }, "send_time"],
    ["send_time with a whole second of nanos", { sendTime: { seconds: 1n, nanos: 1_000_000_000 } }, "send_time"],
    ...[1, 99, 250, 900, -1].map((severity): [string, EventInit, string] => [
      `severity ${severity}`,
      { severity: severity as Severity },
      "severity",
    ]),
    ["outcome that nobody knows", { type: "deployment.finished", outcome: 9 as Outcome }, "outcome"],
    ["no outcome of a finished deployment", { type: "deployment.finished" }, "outcome"],
    ["outcome of another type", { type: "deployment.started", outcome: Outcome.SUCCESS }, "outcome"],
    ["outcome without a type", { outcome: Outcome.ERROR }, "outcome"],
  ];
  test.each(faults)("refuses %s and names the field", async (_, fields, field) => {
    const refusal = await refusalOf(record(fields));

    expect(refusal).toMatchObject({
      code: "INVALID_ARGUMENT",
      reason: "REQUEST_INVALID",
      domain: "activityevents",
      metadata: { violations_total: "1" },
      fields: [`event.${field}`],
    });
    expect(refusal.message).toContain(`event.${field}: `);
  });

  test("refuses a label with a key of 257 bytes and names the labels", async () => {
    const refusal = await refusalOf(record({ labels: { ["k".repeat(257)]: "" } }));

    expect(refusal.reason).toBe("REQUEST_INVALID");
    expect(refusal.fields).toEqual([expect.stringMatching(/^event\.labels/)]);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0])(
    "refuses data with %s",
    async (number) => {
      const value = create(ValueSchema, { kind: { case: "numberValue", value: number } });
      const list = create(ValueSchema, { kind: { case: "listValue", value: { values: [value] } } });
      const data = create(StructSchema, { fields: { list } });
      const event = encodeEvent(newEvent(), bytesField(EventSchema.field.data.number, toBinary(StructSchema, data)));

      const refusal = await refusalOf(service.client.callBytes(createEvent, encodeCreateEventRequest(event)));

      expect(refusal).toMatchObject({ reason: "REQUEST_INVALID", fields: ["event.data"] });
    },
  );

  test("takes an event of 128 KiB and refuses one of a byte more", async () => {
    const event = newEvent({ type: "x", severity: 200 });
    // What is measured is the content; the names are not part of it.
    const names = encodeEvent({ deploymentId: event.deploymentId, eventId: event.eventId }).length;
    // Tag and length of the field that fills it up take five bytes.
    const ofBytes = (bytes: number) => {
      const plain = encodeEvent(event);
      return Buffer.concat([plain, unknownField(99, "x".repeat(bytes - (plain.length - names) - 5))]);
    };
    const send = (bytes: Uint8Array) => service.client.callBytes(createEvent, encodeCreateEventRequest(bytes));

    const refusal = await refusalOf(send(ofBytes(128 * KiB + 1)));
    const { event: stored } = await send(ofBytes(128 * KiB));

    expect(refusal).toMatchObject({ reason: "REQUEST_INVALID", fields: ["event"] });
    expect(refusal.message).toContain(`found ${128 * KiB + 1}`);
    expect(stored?.sequence).toBe(1n);
  });

  test("requires an event, and a sequence that is not negative", async () => {
    const missing = await refusalOf(service.client.call(createEvent, {}));
    const negative = await refusalOf(service.client.call(createEvent, { event: newEvent(), expectedSequence: -1n }));

    expect(missing).toMatchObject({ reason: "REQUEST_INVALID", fields: ["event"] });
    expect(negative).toMatchObject({ reason: "REQUEST_INVALID", fields: ["expected_sequence"] });
  });

  test("names every field at fault at once, and stores nothing", async () => {
    const event = {
      ...newEvent({ eventId: "a" }),
      type: "t".repeat(257),
      message: "m".repeat(70_000),
      actor: "a".repeat(257),
      environment: "e".repeat(257),
      service: "s".repeat(257),
      revision: "r".repeat(257),
      commit: "c".repeat(257),
      source: "a b",
      url: "c d",
      traceParent: "x",
      sendTime: { seconds: 0n, nanos: -1 },
      outcome: Outcome.ERROR,
      severity: 7 as Severity,
      labels: { a: "v".repeat(2_000), b: "v".repeat(2_000) },
      data: nested(21),
    };

    const refusal = await refusalOf(service.client.call(createEvent, { event, expectedSequence: -1n }));

    expect([...refusal.fields].sort()).toEqual([
      "event.actor",
      "event.commit",
      "event.data",
      "event.environment",
      'event.labels["a"]',
      'event.labels["b"]',
      "event.message",
      "event.outcome",
      "event.revision",
      "event.send_time",
      "event.service",
      "event.severity",
      "event.source",
      "event.trace_parent",
      "event.type",
      "event.url",
      "expected_sequence",
    ]);
    expect(refusal.metadata).toEqual({ violations_total: "17" });
    const { deploymentId, eventId } = event;
    expect((await refusalOf(service.client.call(getEvent, { deploymentId, eventId }))).reason).toBe("EVENT_NOT_FOUND");
  });
});

function labels(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`label-${index}`, `${index}`]));
}

/** An object of so many levels, the outermost being the first; every other one is an array if so wanted. */
function nested(levels: number, withArrays = false): JsonObject {
  let value: JsonValue = {};
  for (let level = levels - 1; level > 0; level -= 1) value = withArrays && level % 2 === 0 ? [value] : { a: value };
  return value as JsonObject;
}

/** `data` of exactly so many bytes encoded. */
function dataOf(bytes: number): JsonObject {
  const ofText = (length: number) => ({ a: "x".repeat(length) });
  const overhead = toBinary(StructSchema, structOf(ofText(bytes - 100))).length - (bytes - 100);
  return ofText(bytes - overhead);
}

function structOf({ a }: { readonly a: string }) {
  return create(StructSchema, { fields: { a: { kind: { case: "stringValue", value: a } } } });
}
