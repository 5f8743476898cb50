import {
  ActivityEventsService,
  BatchCreateEventsRequestSchema,
} from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { EventSchema } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { Health } from "@activity-events/proto/grpc/health/v1/health_pb.js";
import { methodPath } from "@activity-events/proto/service-definition";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { methodPaths } from "../src/grpc/server/methods.ts";
import { bytesField, encodeCreateEventRequest, encodeEvent } from "./encode-request.ts";
import { newDeploymentId, newEvent } from "./new-event.ts";
import { framed, RawConnection } from "./raw-connection.ts";
import { type StartedService, startService } from "./start-service.ts";

/** Just below what gRPC takes. */
const bytesMax = 4 * 1024 * 1024 - 1_000;

/** As much of one record as a request may hold. */
function many(record: Uint8Array, bytes = bytesMax): Buffer {
  return Buffer.alloc(Math.floor(bytes / record.length) * record.length, record);
}

const [createPath, batchPath, listPath] = [
  ActivityEventsService.method.createEvent,
  ActivityEventsService.method.batchCreateEvents,
  ActivityEventsService.method.listEvents,
].map((method) => methodPath(method)) as [string, string, string];
const ingestPath = methodPath(ActivityEventsService.method.ingestEvents);
const checkPath = methodPath(Health.method.check);

const nothing = new Uint8Array();
const event = encodeEvent(newEvent());
const { data, labels } = EventSchema.field;
/** A Struct with one value, of which the list, or the struct, in it is this. */
const dataOf = (kind: number, inside: Uint8Array) =>
  bytesField(1, Buffer.concat([bytesField(1, Buffer.from("a")), bytesField(2, bytesField(kind, inside))]));

describe("a small request that would be large once it is decoded", () => {
  let service: StartedService;
  let connection: RawConnection;

  // With little more than it needs, so that it ends when it takes much more for any request.
  beforeAll(async () => {
    service = await startService({ NODE_OPTIONS: "--max-old-space-size=80" });
    connection = new RawConnection(service.address);
  });
  afterAll(async () => {
    await connection[Symbol.asyncDispose]();
    await service[Symbol.asyncDispose]();
  });

  test.each([...methodPaths])("is answered by %s, whatever comes a million times in it", async (path) => {
    const records = [
      ...[1, 2, 5].map((number) => Buffer.of((number << 3) | 2, 0)),
      // Fields that nobody knows, and groups of them.
      Buffer.from([0xf8, 0x06, 0]),
      Buffer.from([0xfb, 0x06, 0xfc, 0x06]),
    ];

    for (const record of records) {
      // What a stream answers to a million events is no matter of what they become.
      const options = path === ingestPath || path.endsWith("/Watch") ? { messagesMax: 1 } : {};
      await connection.call(path, [framed(many(record))], options);
    }

    const { code } = await connection.call(checkPath, [framed(nothing)]);
    expect(code).toBe(0);
  });

  test.each<[string, string, Uint8Array]>([
    ["events", batchPath, Buffer.concat([bytesField(1, Buffer.from("d")), many(bytesField(2, nothing))])],
    ["event.labels", createPath, bytesField(1, Buffer.concat([event, many(bytesField(labels.number, nothing))]))],
    ["filter.labels", listPath, bytesField(5, many(bytesField(5, nothing)))],
    ["event.data", createPath, bytesField(1, Buffer.concat([event, many(bytesField(data.number, nothing))]))],
    [
      "event.data",
      createPath,
      bytesField(1, Buffer.concat([event, bytesField(data.number, dataOf(6, many(bytesField(1, nothing))))])),
    ],
    [
      "event.data",
      createPath,
      bytesField(1, Buffer.concat([event, bytesField(data.number, dataOf(5, many(bytesField(1, nothing))))])),
    ],
    [
      "event.data",
      createPath,
      bytesField(1, Buffer.concat([event, bytesField(data.number, many(bytesField(1, nothing)))])),
    ],
    ["event", createPath, many(bytesField(1, nothing))],
    ["event", createPath, bytesField(1, Buffer.concat([event, many(Buffer.from([0xf8, 0x06, 0]))]))],
    ["filter", listPath, many(bytesField(5, nothing))],
  ])("is refused with %s named, unread", async (field, path, request) => {
    const { refusal } = await connection.call(path, [framed(request)]);

    expect(refusal).toMatchObject({ code: "INVALID_ARGUMENT", reason: "REQUEST_INVALID", fields: [field] });
    expect(refusal?.descriptions[0]).toMatch(/^must be at most \d+ .+; found more$/);
  });

  test("is taken while it is no larger than the contract lets it be", async () => {
    const deploymentId = newDeploymentId();
    // As many values as fit into 64 KiB.
    const nulls = dataOf(6, many(bytesField(1, Buffer.of(8, 0)), 64 * 1024 - 40));
    const largest = (eventId: string) =>
      encodeEvent({ deploymentId, eventId, message: "x" }, bytesField(data.number, nulls));

    const one = await connection.call(createPath, [framed(encodeCreateEventRequest(largest("a")))]);
    const events = Array.from({ length: 40 }, (_, index) =>
      bytesField(BatchCreateEventsRequestSchema.field.events.number, largest(`${index}`)),
    );
    const batch = Buffer.concat([bytesField(1, Buffer.from(deploymentId)), ...events]);
    const all = await connection.call(batchPath, [framed(batch)]);

    expect([one.refusal, all.refusal]).toEqual([undefined, undefined]);
  });
});
