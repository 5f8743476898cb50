import { type DeploymentId, type EventId, wireBytesMax } from "@activity-events/event-store";
import { EventSchema } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { fromBinary } from "@bufbuild/protobuf";
import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { WireWriter } from "../src/grpc/codec/wire-writer.ts";
import { writeEvent } from "../src/grpc/codec/write-event.ts";
import { encodeEvent } from "./encode-request.ts";

const number = fc.integer({ min: 1, max: 2_047 });
const value = fc.oneof(fc.nat(300), fc.maxSafeNat(), fc.constantFrom(2 ** 31 - 1, 2 ** 31, 2 ** 35, 2 ** 53 - 1));
const ascii = fc.string({ unit: "grapheme-ascii", maxLength: 300 });

test("writes what the library's writer writes, however small its buffer was", () => {
  fc.assert(
    fc.property(number, value, ascii, fc.uint8Array({ maxLength: 300 }), fc.nat(400), (no, whole, text, raw, bytes) => {
      const writer = new WireWriter(Buffer.alloc(bytes));
      const expected = new BinaryWriter();

      writer.message(no, () =>
        writer
          .number(no, whole)
          .ascii(no, text)
          .message(no, () => writer.bytes(no, raw)),
      );
      expected.tag(no, WireType.LengthDelimited).fork();
      expected.tag(no, WireType.Varint).uint64(whole).tag(no, WireType.LengthDelimited).string(text);
      expected.tag(no, WireType.LengthDelimited).fork().tag(no, WireType.LengthDelimited).bytes(raw).join().join();

      expect(Buffer.from(writer.finish())).toEqual(Buffer.from(expected.finish()));
    }),
    { numRuns: 1_000 },
  );
});

test("writes stored events that are read as they were, in no more bytes than stores count for them", () => {
  const id = fc.stringMatching(/^[A-Za-z0-9-][A-Za-z0-9._~:-]{0,127}$/);
  fc.assert(
    fc.property(id, id, value, value, fc.boolean(), (deploymentId, eventId, sequence, receiveTimeUs, isStamped) => {
      const sendTime = { seconds: 7n, nanos: 9 };
      const writer = new WireWriter(Buffer.alloc(0));

      const stored = {
        eventId: eventId as EventId,
        sequence,
        receiveTimeUs,
        type: "x",
        severity: 200,
        labels: {},
        content: encodeEvent({ type: "x", message: "ü" }),
        stamp: isStamped ? encodeEvent({ sendTime }) : new Uint8Array(),
        salt: new Uint8Array(16).fill(5),
      };
      writeEvent(writer, 5, deploymentId as DeploymentId, stored);
      const written = writer.finish();
      const reader = new BinaryReader(written);

      expect(reader.tag()).toEqual([5, WireType.LengthDelimited]);
      expect(fromBinary(EventSchema, reader.bytes())).toMatchObject({
        name: `deployments/${deploymentId}/events/${eventId}`,
        deploymentId,
        eventId,
        sequence: BigInt(sequence),
        type: "x",
        message: "ü",
        salt: stored.salt,
        receiveTime: {
          seconds: BigInt(receiveTimeUs) / 1_000_000n,
          nanos: Number((BigInt(receiveTimeUs) % 1_000_000n) * 1_000n),
        },
        ...(isStamped ? { sendTime } : {}),
      });
      expect(reader.pos).toBe(reader.len);
      expect(written.length).toBeLessThanOrEqual(wireBytesMax(deploymentId as DeploymentId, stored));
    }),
  );
});

test("leaves what was written alone when the next writer writes", () => {
  const written = Array.from({ length: 100 }, (_, text) => new WireWriter().ascii(1, `${text}`).finish());

  expect(written.map((bytes) => new BinaryReader(bytes.subarray(1)).string())).toEqual(
    Array.from({ length: 100 }, (_, text) => `${text}`),
  );
});

test("may begin before another has ended", () => {
  const outer = new WireWriter().ascii(1, "outer");
  const inner = new WireWriter().ascii(1, "inner").finish();

  expect(new BinaryReader(outer.finish().subarray(1)).string()).toBe("outer");
  expect(new BinaryReader(inner.subarray(1)).string()).toBe("inner");
});
