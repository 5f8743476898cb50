import type { EventId } from "@activity-events/event-store";
import { EventSchema } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { create, fromBinary, type JsonObject, toBinary } from "@bufbuild/protobuf";
import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { canonicalOrder } from "../src/grpc/codec/canonical-order.ts";
import { newEvent, restoredEvent } from "../src/grpc/codec/event-codec.ts";
import type { EventInit } from "./new-event.ts";

const contentOf = (event: EventInit) => newEvent(create(EventSchema, event), "e" as EventId).content;

// Sorted by UTF-16 the last two change places, and JavaScript puts what looks like an index first, by its number.
const keys = ["", "10", "9", "a", "\uffff", "😀"];

/** The keys of a map's entries, in the order of the bytes. */
function keysIn(message: Uint8Array, number: number): string[] {
  const found: string[] = [];
  const reader = new BinaryReader(message);
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field !== number) {
      reader.skip(wireType, field);
      continue;
    }
    const entry = new BinaryReader(reader.bytes());
    expect(entry.tag()).toEqual([1, WireType.LengthDelimited]);
    found.push(entry.string());
  }
  return found;
}

const dataOf = (content: Uint8Array): Uint8Array => {
  const reader = new BinaryReader(content);
  for (;;) {
    const [field, wireType] = reader.tag();
    if (field === EventSchema.field.data.number) return reader.bytes();
    reader.skip(wireType, field);
  }
};

describe("a content", () => {
  test("has the entries of its maps by the UTF-8 bytes of their keys, on each level", () => {
    const all = keys.toReversed();
    const inner = Object.fromEntries(all.map((key) => [key, null])) as JsonObject;
    const content = contentOf({
      message: "m",
      labels: Object.fromEntries(all.slice(0, -1).map((key) => [key, ""])),
      data: Object.fromEntries(all.map((key) => [key, inner])) as JsonObject,
    });

    expect(keysIn(content, EventSchema.field.labels.number)).toEqual(keys.slice(1));
    const data = dataOf(content);
    expect(keysIn(data, 1)).toEqual(keys);
    // A value that is a map holds it as its field 5, after the entry's key.
    const entry = new BinaryReader(data);
    entry.tag();
    const value = new BinaryReader(entry.bytes());
    value.tag();
    value.string();
    value.tag();
    const struct = new BinaryReader(value.bytes());
    struct.tag();
    expect(keysIn(struct.bytes(), 1)).toEqual(keys);
  });

  test("has unknown fields behind all others, by their numbers, those of one number as they came", () => {
    const unknown = new BinaryWriter();
    for (const [number, text] of [
      [400, "d"],
      [300, "b"],
      [21, "a"],
      [300, "c"],
    ] as const) {
      unknown.tag(number, WireType.LengthDelimited).string(text);
    }
    const plain = contentOf({ message: "m", commitTime: { seconds: 1n, nanos: 2 } });
    const event = fromBinary(EventSchema, Buffer.concat([unknown.finish(), plain]));

    const { content } = newEvent(event, "e" as EventId);

    const rest = new BinaryReader(content.subarray(plain.length));
    const found: string[] = [];
    while (rest.pos < rest.len) {
      rest.tag();
      found.push(rest.string());
    }
    expect(content.subarray(0, plain.length)).toEqual(plain);
    expect(found).toEqual(["a", "b", "c", "d"]);
  });

  const anyKey = fc.oneof(fc.constantFrom(...keys), fc.string({ unit: "binary" }));
  const json = fc.letrec((tie) => ({
    value: fc.oneof({ maxDepth: 4 }, fc.constantFrom(null, true, 1.5, "x", ""), tie("list"), tie("map")),
    list: fc.array(tie("value"), { maxLength: 3 }),
    map: fc.dictionary(anyKey, tie("value"), { maxKeys: 4 }),
  }));

  test("is the same in whatever order its entries come, says the same, and stays what it is", () => {
    fc.assert(
      fc.property(json.map, fc.dictionary(anyKey, fc.string(), { maxKeys: 5 }), (data, labels) => {
        const event = create(EventSchema, { type: "x", data: data as JsonObject, labels });
        const encoded = toBinary(EventSchema, event);
        const backwards = create(EventSchema, {
          type: "x",
          data: Object.fromEntries(Object.entries(data as JsonObject).reverse()),
          labels: Object.fromEntries(Object.entries(labels).reverse()),
        });

        const ordered = canonicalOrder(EventSchema, encoded);

        expect(canonicalOrder(EventSchema, toBinary(EventSchema, backwards))).toEqual(ordered);
        expect(canonicalOrder(EventSchema, ordered)).toEqual(ordered);
        expect(fromBinary(EventSchema, ordered)).toEqual(event);
        expect(ordered).toHaveLength(encoded.length);
      }),
    );
  });

  test("that is stored comes back with what the store has to know of it", () => {
    const sendTime = { seconds: -1n, nanos: 7 };
    const { facts, content, stamp } = newEvent(
      create(EventSchema, {
        message: "m",
        sendTime,
        commitTime: { seconds: 5n, nanos: 1_999 },
        labels: { b: "1", a: "" },
      }),
      "e" as EventId,
    );

    expect(restoredEvent({ content, stamp })).toEqual({ facts, content });
    expect(facts).toMatchObject({ sendTime: { seconds: -1, nanos: 7 }, commitTimeUs: 5_000_001 });
  });
});
