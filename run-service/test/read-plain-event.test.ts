import type { EventId } from "@activity-events/event-store";
import { EventSchema, Outcome, Severity } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { fromBinary } from "@bufbuild/protobuf";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { newEvent } from "../src/grpc/codec/event-codec.ts";
import { type PlainEvent, readPlainEvent } from "../src/grpc/codec/read-plain-event.ts";
import { validateEvent } from "../src/grpc/requests/parse-event.ts";
import { parseDeploymentId } from "../src/grpc/requests/parse-identifiers.ts";
import { Violations } from "../src/grpc/requests/violations.ts";
import { encodeEvent, unknownField } from "./encode-request.ts";
import type { EventInit } from "./new-event.ts";

/** What was read, but for the salt, which is another one each time. */
type Read = Omit<PlainEvent, "salt">;

function withoutSalt({ salt, ...rest }: PlainEvent): Read {
  expect(salt).toHaveLength(16);
  return rest;
}

/** Reads an event that stands in the middle of other bytes, as in a request. */
function readPlain(encoded: Uint8Array): Read | undefined {
  const around = Buffer.concat([Buffer.from([1, 2, 3]), encoded, Buffer.from([8, 9])]);
  const plain = readPlainEvent(around, 3, 3 + encoded.length);
  return plain && withoutSalt(plain);
}

/** What the service makes of the same bytes when it decodes them; undefined: it refuses them. */
function readSlowly(encoded: Uint8Array): Read | undefined {
  const violations = new Violations();
  try {
    const event = fromBinary(EventSchema, encoded);
    const deploymentId = parseDeploymentId(event.deploymentId, "event.deployment_id", violations);
    validateEvent(event, "event", violations);
    violations.throwIfAny();
    const eventId = event.eventId as EventId;
    return withoutSalt({ ...newEvent(event, eventId), deploymentId, eventId: eventId || undefined });
  } catch {
    return undefined;
  }
}

const whole: EventInit = {
  eventId: "build-1",
  deploymentId: "release-42",
  type: "deployment.finished",
  outcome: Outcome.SUCCESS,
  severity: Severity.NOTICE,
  message: "gebaut – fertig",
  sendTime: { seconds: 1_700_000_000n, nanos: 999_999_999 },
  source: "//ci/builds?x=%20",
  actor: "Jürgen",
  environment: "prod",
  service: "shop",
  revision: "shop-00042",
  commit: "8f0c1e2",
  url: "https://ci.example/builds/1",
  traceParent: `00-${"1".repeat(32)}-${"2".repeat(16)}-01`,
  commitTime: { seconds: 1_699_999_000n, nanos: 5_999 },
};

describe("an event that is read from its bytes", () => {
  test.each(Object.keys(whole).filter((name) => name !== "deploymentId" && name !== "outcome"))(
    "is what it is decoded, and needs no decoding, without %s",
    (name) => {
      const rest: EventInit = { ...whole };
      delete rest[name as keyof EventInit];
      if (name === "type") rest.outcome = Outcome.UNSPECIFIED;
      const encoded = encodeEvent(rest);

      expect(readPlain(encoded)).toBeDefined();
      expect(readPlain(encoded)).toEqual(readSlowly(encoded));
    },
  );

  /** Mostly what is valid, else there were few events without a fault. */
  const mostly = <Value>(good: fc.Arbitrary<Value>, bad: fc.Arbitrary<Value>) =>
    fc.option(fc.oneof({ weight: 40, arbitrary: good }, { weight: 1, arbitrary: bad }), { nil: undefined, freq: 2 });
  const seldom = <Value>(value: fc.Arbitrary<Value>) =>
    fc.oneof({ weight: 40, arbitrary: fc.constant(undefined) }, value);
  const anyText = fc.string({ unit: "binary" });
  const text = mostly(anyText, fc.constantFrom("x".repeat(256), "x".repeat(257), "ü".repeat(128), "ü".repeat(129)));
  const uri = mostly(fc.webUrl(), fc.oneof(anyText, fc.constantFrom("no uri", "%zz", `/${"x".repeat(1_024)}`)));
  const id = mostly(
    fc.stringMatching(/^[A-Za-z0-9-][A-Za-z0-9._~:-]{0,127}$/),
    fc.oneof(anyText, fc.constantFrom(".", "__x__", "x".repeat(129))),
  );
  const time = mostly(
    fc.record({
      seconds: fc.bigInt({ min: 0n, max: 253_402_300_799n }),
      nanos: fc.integer({ min: 0, max: 999_999_999 }),
    }),
    fc.record({
      seconds: fc.constantFrom(-1n, 253_402_300_799n, 253_402_300_800n, 2n ** 62n),
      nanos: fc.constantFrom(-1, 999_999_999, 1_000_000_000),
    }),
  );
  const anyEvent: fc.Arbitrary<EventInit> = fc
    .record({
      name: seldom(anyText),
      eventId: id,
      deploymentId: id,
      sequence: seldom(fc.bigInt({ min: -5n, max: 5n })),
      ending: fc.boolean(),
      type: mostly(anyText, fc.constant("x".repeat(257))),
      outcome: mostly(fc.constantFrom(1, 2, 3, 4), fc.constantFrom(0, 5, -1)),
      severity: mostly(fc.constantFrom(100, 200, 300, 400, 500, 600, 700, 800), fc.constantFrom(0, 900, 1, -1)),
      message: mostly(anyText, fc.constantFrom("x".repeat(8 * 1_024), "x".repeat(8 * 1_024 + 1))),
      sendTime: time,
      source: uri,
      actor: text,
      environment: text,
      service: text,
      revision: text,
      commit: text,
      url: uri,
      labels: seldom(fc.dictionary(anyText, anyText)),
      traceParent: mostly(fc.constant(whole.traceParent), anyText),
      commitTime: time,
      salt: seldom(fc.uint8Array({ maxLength: 20 })),
      principal: seldom(anyText),
    })
    // An outcome is right with one type only.
    .map(({ ending, ...event }) => (ending ? { ...event, type: "deployment.finished" } : { ...event, outcome: 0 }))
    .map((event) => Object.fromEntries(Object.entries(event).filter(([, value]) => value !== undefined)));

  test("is what it is decoded, or is left to the decoder, whatever is in it", () => {
    let read = 0;
    fc.assert(
      fc.property(anyEvent, (event) => {
        const encoded = encodeEvent(event);
        const plain = readPlain(encoded);
        if (plain === undefined) return;
        read += 1;
        expect(plain).toEqual(readSlowly(encoded));
      }),
      { numRuns: 3_000 },
    );
    expect(read).toBeGreaterThan(500);
  });

  test("is what it is decoded, or is left to the decoder, whatever is done to its bytes", () => {
    const encoded = encodeEvent(whole);
    let read = 0;
    const damage = fc.record({ at: fc.nat(encoded.length - 1), byte: fc.nat(255), cut: fc.nat(encoded.length) });
    fc.assert(
      fc.property(fc.array(damage, { minLength: 1, maxLength: 3 }), fc.boolean(), (damages, isCut) => {
        const bytes = Buffer.from(encoded);
        for (const { at, byte } of damages) bytes[at] = byte;
        const damaged = isCut ? bytes.subarray(0, damages[0]?.cut) : bytes;
        const plain = readPlain(damaged);
        if (plain === undefined) return;
        read += 1;
        expect(plain).toEqual(readSlowly(damaged));
      }),
      { numRuns: 10_000 },
    );
    expect(read).toBeGreaterThan(100);
  });

  test.each<[string, Uint8Array]>([
    ["has labels", encodeEvent({ ...whole, labels: { a: "1" } })],
    ["has data", encodeEvent({ ...whole, data: { a: 1 } })],
    ["has fields that nobody knows", encodeEvent(whole, unknownField(99, "x"))],
    ["says what is the server's", encodeEvent({ ...whole, name: "x", sequence: 7n })],
    ["says a field twice", encodeEvent(whole, encodeEvent({ traceParent: whole.traceParent ?? "" }))],
    [
      "says its fields in another order",
      Buffer.concat([encodeEvent({ message: "x" }), encodeEvent({ deploymentId: "d" })]),
    ],
    ["says a default", encodeEvent({ ...whole, traceParent: "" }, Buffer.from([0xa2, 0x01, 0x00]))],
    [
      "has a varint that is longer than need be",
      Buffer.concat([Buffer.from([0x12, 0x81, 0x00, 0x61]), encodeEvent({ deploymentId: "d", message: "x" })]),
    ],
  ])("is left to the decoder when it %s", (_, encoded) => {
    expect(readSlowly(encoded)).toBeDefined();
    expect(readPlain(encoded)).toBeUndefined();
  });
});
