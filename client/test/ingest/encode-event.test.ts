import { IngestEventsRequestSchema } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { type Event, EventSchema, Outcome, Severity } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { create, fromBinary, type JsonObject, type MessageInitShape, ScalarType, toBinary } from "@bufbuild/protobuf";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { encodeEvent } from "../../src/ingest/encode-event.ts";

const byLibrary = (event: Event) =>
  toBinary(IngestEventsRequestSchema, create(IngestEventsRequestSchema, { events: [event] }));

const text = fc.oneof(fc.constant(""), fc.string(), fc.string({ unit: "grapheme", minLength: 100, maxLength: 300 }));
const bytes = fc.uint8Array({ maxLength: 40 });
const time = fc.record({ seconds: fc.bigInt({ min: -1n, max: 2n ** 40n }), nanos: fc.nat(999_999_999) });
const plain: Record<string, fc.Arbitrary<unknown>> = {
  ...Object.fromEntries(
    EventSchema.fields.flatMap((field) =>
      field.fieldKind === "scalar" ? [[field.localName, field.scalar === ScalarType.BYTES ? bytes : text]] : [],
    ),
  ),
  sequence: fc.oneof(fc.constant(0n), fc.bigInt({ min: -1n, max: 2n ** 63n - 1n })),
  outcome: fc.constantFrom(Outcome.UNSPECIFIED, Outcome.SUCCESS, 77 as Outcome),
  severity: fc.constantFrom(Severity.UNSPECIFIED, Severity.ERROR),
  sendTime: time,
  receiveTime: time,
  commitTime: time,
  labels: fc.oneof(fc.constant({}), fc.dictionary(fc.string(), fc.string())),
  data: fc.jsonValue().map((value): JsonObject => ({ value: value as never })),
};
const events = fc
  .record(plain, { requiredKeys: [] })
  .map((init) => create(EventSchema, init as MessageInitShape<typeof EventSchema>));

test("encodes any event as the library does", () => {
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
  process.stderr.write(`encode-event: SEED=${seed}\n`);

  fc.assert(
    fc.property(events, (event) => {
      expect(Buffer.from(encodeEvent(event))).toEqual(Buffer.from(byLibrary(event)));
    }),
    { seed, numRuns: 200 },
  );
});

test("encodes what this version does not know", () => {
  // Field 999, a number.
  const event = fromBinary(EventSchema, Uint8Array.of(0xb8, 0x3e, 0x07));
  event.message = "m";

  const { events: decoded } = fromBinary(IngestEventsRequestSchema, encodeEvent(event));

  expect(decoded).toMatchObject([{ message: "m", $unknown: [{ no: 999 }] }]);
});

test("throws what the library throws, and encodes the next event as if nothing had been", () => {
  const bad = create(EventSchema, { message: "bad" });
  Object.assign(bad, { sendTime: { $typeName: "google.protobuf.Duration", seconds: 1n, nanos: 0 } });
  const good = create(EventSchema, { message: "good", sendTime: { seconds: 1n, nanos: 2 } });

  expect(() => encodeEvent(bad)).toThrow("cannot use field google.protobuf.Timestamp.seconds");
  expect(Buffer.from(encodeEvent(good))).toEqual(Buffer.from(byLibrary(good)));
});

test("encodes large events and small ones in turn", () => {
  const inTurn = ["x".repeat(1_000_000), "small", "é".repeat(100_000), ""].map((message) =>
    create(EventSchema, { message, deploymentId: "d" }),
  );

  expect(inTurn.map((event) => Buffer.from(encodeEvent(event)).equals(byLibrary(event)))).toEqual(Array(4).fill(true));
});
