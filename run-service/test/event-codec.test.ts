import type { EventId } from "@activity-events/event-store";
import { EventSchema, Severity } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { create } from "@bufbuild/protobuf";
import { describe, expect, test } from "@jest/globals";
import { differingFields, newEvent } from "../src/grpc/codec/event-codec.ts";
import { encodeEvent } from "./encode-request.ts";
import type { EventInit } from "./new-event.ts";

/** The form in which stores keep an event. */
const stored = (event: EventInit) => newEvent(create(EventSchema, event), "build-1" as EventId);
const contentOf = (event: EventInit) => Buffer.from(stored(event).content);

describe("the content of an event", () => {
  const plain: EventInit = {
    message: "built",
    labels: { a: "1", b: "2" },
    data: { x: { p: 1, q: [{ r: 2, s: 3 }] }, y: null },
  };

  const same: readonly [string, EventInit][] = [
    ["says output fields", { name: "x", sequence: 7n, receiveTime: { seconds: 1n, nanos: 0 } }],
    ["names event and deployment", { eventId: "other", deploymentId: "other" }],
    [
      "says what the server alone says",
      { salt: new Uint8Array(16), commitment: new Uint8Array(32), principal: "somebody" },
    ],
    ["has another send time", { sendTime: { seconds: 1n, nanos: 1 } }],
    ["spells the defaults out", { type: "deployment.progress", severity: Severity.INFO }],
    [
      "has its keys in another order",
      { labels: { b: "2", a: "1" }, data: { y: null, x: { q: [{ s: 3, r: 2 }], p: 1 } } },
    ],
  ];
  test.each(same)("is the same bytes, so that fingerprints prove it, when the event %s", (_, change) => {
    expect(contentOf({ ...plain, ...change })).toEqual(contentOf(plain));
  });

  test("has no fields that differ from itself", () => {
    expect(differingFields(contentOf(plain), contentOf(plain))).toEqual([]);
  });

  test("differs in the fields that were changed, by their names in the contract", () => {
    const changed = contentOf({ ...plain, message: "broken", traceParent: "x", labels: {} });

    expect([...differingFields(contentOf(plain), changed)].sort()).toEqual(["labels", "message", "trace_parent"]);
  });

  test("is compared with today's defaults on both sides, though it was stored without them", () => {
    const withoutDefaults = encodeEvent({ message: "built" });

    expect(differingFields(withoutDefaults, contentOf({ message: "built" }))).toEqual([]);
  });

  test("is the producer's, the send time beside it", () => {
    const { content, stamp } = stored({ message: "x", sendTime: { seconds: 0n, nanos: 0 } });
    const without = stored({ message: "x" });

    expect(content).toEqual(without.content);
    expect(stamp.length).toBeGreaterThan(0);
    expect(without.stamp).toHaveLength(0);
  });
});
