import { isDeepStrictEqual } from "node:util";
import { ActivityEventsService } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import type { Event } from "@activity-events/proto/activityevents/v1/event_pb.js";
import type { JsonObject } from "@bufbuild/protobuf";
import { describe, expect, test } from "@jest/globals";
import { encodeCreateEventRequest, encodeEvent, unknownField } from "./encode-request.ts";
import { isFrame } from "./frame-in-words.ts";
import { type EventInit, newEvent } from "./new-event.ts";
import { refusalOf } from "./read-refusal.ts";
import { serviceOfSuite, stores } from "./start-service.ts";

const { createEvent, getDeployment, getEvent, listEvents, streamEvents } = ActivityEventsService.method;

// A key that JavaScript would take for the prototype when it is assigned.
const proto = (value: unknown) => JSON.parse(`{"__proto__":${JSON.stringify(value)}}`);

describe.each(stores)("what is stored comes back bit for bit from %s", (store) => {
  const service = serviceOfSuite({ STORE: store });
  const record = (event: EventInit) => service.client.call(createEvent, { event });

  /** The event by every way that a reader has. */
  const readEveryWay = async ({ deploymentId, eventId }: { deploymentId: string; eventId: string }) => {
    const got = await service.client.call(getEvent, { deploymentId, eventId });
    const listed = await service.client.call(listEvents, { deploymentId });
    const frames = await service.client.stream(streamEvents, { deploymentId }).until(isFrame("events"));
    const { frame } = frames.at(-1) ?? {};
    const streamed = frame?.case === "events" ? frame.value.events : [];
    const ways = [got.event, ...listed.events, ...streamed] as Event[];
    expect(ways).toHaveLength(3);
    return ways;
  };

  const values: readonly [string, JsonObject][] = [
    ["an empty object", {}],
    ["empty objects and arrays within", { a: {}, b: [], c: [{}], d: [[]] }],
    ["an array in an array", { a: [[1]] }],
    ["null", { a: null }],
    ["zeros", { a: [0, 0] }],
    ["big and small numbers", { a: [2 ** 53, Number.MAX_VALUE, -Number.MAX_VALUE, Number.MIN_VALUE, 0.1, 1e21] }],
    ["text with NUL, quotes, a line break and emoji", { "a\0b": 'c\0d "e"\n😀' }],
    ["keys that JavaScript knows", { constructor: 1, toString: "x", hasOwnProperty: null, length: [] }],
    ["the key __proto__", proto({ polluted: proto("x") })],
    ["an empty key", { "": "" }],
    ["numbers as keys", { 10: "a", 9: "b" }],
  ];
  test.each(values)("data with %s", async (_, data) => {
    const event = newEvent({ data });

    const { event: stored } = await record(event);
    const again = await record(event);

    for (const read of [stored, ...(await readEveryWay(event))]) {
      expect(read?.data).toStrictEqual(data);
      // Sees a key `__proto__`, which the line above does not.
      expect(isDeepStrictEqual(read?.data, data)).toBe(true);
    }
    expect(again.duplicate).toBe(true);
  });

  test("no data at all", async () => {
    const event = newEvent();

    await record(event);

    for (const read of await readEveryWay(event)) expect(read.data).toBeUndefined();
  });

  test.each([
    ["the key __proto__", proto("x")],
    ["keys that JavaScript knows", { constructor: "1", toString: "2", hasOwnProperty: "3" }],
    ["NUL and emoji", { "a\0b": "c\0d😀" }],
    ["an empty value", { a: "" }],
    ["numbers as keys", { 10: "a", 9: "b" }],
  ])("labels with %s", async (_, labels: Record<string, string>) => {
    const event = newEvent({ labels });

    await record(event);
    const again = await record(event);
    const other = await refusalOf(record({ ...event, labels: { ...labels, more: "1" } }));

    for (const read of await readEveryWay(event)) {
      expect(Object.entries(read.labels).sort()).toEqual(Object.entries(labels).sort());
    }
    const { deploymentId } = event;
    const filtered = await service.client.call(listEvents, { deploymentId, filter: { labels } });
    expect(filtered.events).toHaveLength(1);
    expect(again.duplicate).toBe(true);
    expect(other.metadata.fields).toBe("labels");
  });

  test("NUL in every free text, in the head as well", async () => {
    const text = "a\0b😀";
    const texts = {
      message: text,
      type: text,
      actor: text,
      environment: text,
      service: text,
      revision: text,
      commit: text,
    };
    const event = newEvent(texts);

    await record(event);

    for (const read of await readEveryWay(event)) expect(read).toMatchObject(texts);
    const { deployment } = await service.client.call(getDeployment, { deploymentId: event.deploymentId });
    expect(deployment).toMatchObject({ environment: text, service: text, revision: text });
    const { deploymentId } = event;
    const { events } = await service.client.call(listEvents, { deploymentId, filter: { typePrefix: text } });
    expect(events).toHaveLength(1);
  });

  test("fields that this version does not know, which count as content", async () => {
    const event = newEvent();
    const record = (more: Uint8Array) =>
      service.client.callBytes(createEvent, encodeCreateEventRequest(encodeEvent(event, more)));
    const unknown = Buffer.concat([unknownField(50, "of a later version"), unknownField(51, "x\0")]);

    await record(unknown);
    const again = await record(unknown);
    const inOtherOrder = await record(Buffer.concat([unknownField(51, "x\0"), unknownField(50, "of a later version")]));
    const changed = await refusalOf(record(Buffer.concat([unknownField(50, "changed"), unknownField(51, "x\0")])));
    const without = await refusalOf(record(new Uint8Array()));

    expect([again.duplicate, inOtherOrder.duplicate]).toEqual([true, true]);
    expect(changed).toMatchObject({ reason: "EVENT_ID_CONFLICT", metadata: { fields: "#50" } });
    expect(without.metadata.fields?.split(",").sort()).toEqual(["#50", "#51"]);
    for (const read of await readEveryWay(event)) {
      expect(read.$unknown?.map(({ no, data }) => [no, Buffer.from(data).toString("utf8", 1)])).toEqual([
        [50, "of a later version"],
        [51, "x\0"],
      ]);
    }
  });

  test("an event without a message", async () => {
    const event = newEvent({ type: "service.removed", message: "" });

    const { event: stored } = await record(event);

    for (const read of await readEveryWay(event)) expect(read).toEqual(stored);
  });
});
