import { ActivityEvents } from "@activity-events/proto/activityevents/activity_events_pb.js";
import { ActivityEventsService } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { Health } from "@activity-events/proto/grpc/health/v1/health_pb.js";
import { methodPath } from "@activity-events/proto/service-definition";
import { status } from "@grpc/grpc-js";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { bytesField, encodeCreateEventRequest, encodeEvent, unknownField } from "./encode-request.ts";
import { newEvent } from "./new-event.ts";
import { refusalOf } from "./read-refusal.ts";
import { serviceOfSuite } from "./start-service.ts";

const { createEvent } = ActivityEventsService.method;

describe("a request that is no message of its method", () => {
  const service = serviceOfSuite();
  const methods = [ActivityEventsService, ActivityEvents, Health].flatMap(({ methods }) => methods);
  const send = (bytes: Uint8Array) => service.client.callBytes(createEvent, bytes);

  test.each([
    ["is cut off within a field", encodeCreateEventRequest(encodeEvent(newEvent())).subarray(0, -3)],
    ["says that a field is longer than the request", Buffer.from([0x0a, 0x7f, 0x12])],
    ["has a field of number 0", Buffer.from([0x00, 0x01])],
    ["has a wire type that there is not", Buffer.from([0x0f, 0x01])],
    ["ends a group that never began", Buffer.from([0x0c])],
    ["has a string that is not UTF-8", encodeCreateEventRequest(bytesField(8, Buffer.from([0xc3, 0x28])))],
    ["has half a surrogate pair in a string", encodeCreateEventRequest(bytesField(8, Buffer.from([0xed, 0xa0, 0x80])))],
    ["has a label that is not UTF-8", encodeCreateEventRequest(bytesField(18, bytesField(1, Buffer.from([0xff]))))],
    [
      "has data that is nested 1,000 deep",
      encodeCreateEventRequest(encodeEvent(newEvent(), bytesField(19, deepStruct(1_000)))),
    ],
    [
      "has an unknown group that is nested 10,000 deep",
      encodeCreateEventRequest(Buffer.alloc(20_000, Buffer.from([0x9b, 0x06]))),
    ],
  ])("is refused when it %s", async (_, bytes) => {
    const refusal = await refusalOf(send(bytes));

    expect(refusal).toMatchObject({ code: "INVALID_ARGUMENT", reason: "REQUEST_UNREADABLE" });
  });

  test("names the data when it is nested deeper than is allowed, but can still be read", async () => {
    const refusal = await refusalOf(
      send(encodeCreateEventRequest(encodeEvent(newEvent(), bytesField(19, deepStruct(40))))),
    );

    expect(refusal).toMatchObject({ reason: "REQUEST_INVALID", fields: ["event.data"] });
  });

  test("takes a value in data that says nothing for null", async () => {
    const { event } = await send(encodeCreateEventRequest(encodeEvent(newEvent(), bytesField(19, emptyValue()))));

    expect(event?.data).toEqual({ a: null });
  });

  test("takes an event that is sent in two parts, and fields that the request's own message does not know", async () => {
    const event = newEvent();
    const [one, two] = [{ message: event.message ?? "" }, { deploymentId: event.deploymentId, eventId: event.eventId }];
    const request = Buffer.concat([
      encodeCreateEventRequest(encodeEvent(one)),
      unknownField(77, "x"),
      encodeCreateEventRequest(encodeEvent(two)),
    ]);

    const { event: stored } = await send(request);

    expect(stored).toMatchObject({ message: event.message, eventId: event.eventId });
  });

  test("is RESOURCE_EXHAUSTED above 4 MiB, and the service lives on", async () => {
    const code = await send(Buffer.alloc(4 * 1024 * 1024 + 1)).catch(({ code }) => code);
    const { event } = await service.client.call(createEvent, { event: newEvent() });

    expect(code).toBe(status.RESOURCE_EXHAUSTED);
    expect(event?.sequence).toBe(1n);
  });

  test("never meets a fault of the service's own, whatever is in it", async () => {
    const sample = encodeCreateEventRequest(
      encodeEvent({
        ...newEvent(),
        labels: { a: "b" },
        data: { a: [1, { b: null }, "x"], c: {} },
        sendTime: { seconds: 1n, nanos: 2 },
      }),
    );
    const damaged = fc
      .array(fc.tuple(fc.nat(sample.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 })
      .map((changes) => {
        const bytes = Buffer.from(sample);
        for (const [at, byte] of changes) bytes[at] = byte;
        return bytes;
      });
    const rubbish = fc.oneof(damaged, fc.uint8Array({ maxLength: 60 }));
    const { OK, INVALID_ARGUMENT, NOT_FOUND, ALREADY_EXISTS, OUT_OF_RANGE } = status;
    const answers = [OK, INVALID_ARGUMENT, NOT_FOUND, ALREADY_EXISTS, OUT_OF_RANGE];
    const calls = fc.record({ path: fc.constantFrom(...methods.map((method) => methodPath(method))), rubbish });

    await fc.assert(
      fc.asyncProperty(calls, async ({ path, rubbish: bytes }) => {
        const reader = service.client.serverStreamOfPath(path, bytes);
        // What is understood, and waits, has been answered with a first message.
        const code = await Promise.race([
          reader.status.then((end) => end.code),
          reader.next().then(() => status.OK),
        ]).catch(async () => (await reader.status).code);
        reader.cancel();
        return answers.includes(code);
      }),
      { numRuns: 400 },
    );
  });
});

/** An encoded Struct of so many levels. */
function deepStruct(levels: number): Uint8Array {
  let struct: Uint8Array = new Uint8Array();
  for (let level = 1; level < levels; level += 1) {
    struct = bytesField(1, Buffer.concat([bytesField(1, Buffer.from("a")), bytesField(2, bytesField(5, struct))]));
  }
  return struct;
}

/** An encoded Struct with one Value that has no kind. */
function emptyValue(): Uint8Array {
  return bytesField(1, Buffer.concat([bytesField(1, Buffer.from("a")), bytesField(2, new Uint8Array())]));
}
