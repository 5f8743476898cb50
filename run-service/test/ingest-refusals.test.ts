import { limits, StoreFaultError } from "@activity-events/event-store";
import {
  ActivityEventsService,
  GoawayReason,
  IngestEventsRequestSchema,
} from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { status } from "@grpc/grpc-js";
import { describe, expect, test } from "@jest/globals";
import { embedService } from "./embed-service.ts";
import { bytesField, encodeEvent } from "./encode-request.ts";
import { acknowledgementsOf, acknowledgementsTo, refusalIn } from "./ingest-stream.ts";
import { newDeploymentId, newEvent, newEvents } from "./new-event.ts";
import { readRefusal } from "./read-refusal.ts";

const { ingestEvents, listEvents } = ActivityEventsService.method;

const eventsNumber = IngestEventsRequestSchema.field.events.number;

test("acknowledges bad events each with its own status, and goes on", async () => {
  await using service = await embedService();
  const deploymentId = newDeploymentId();
  const stream = service.client.bidi(ingestEvents);

  stream.send(
    Buffer.concat([
      bytesField(eventsNumber, encodeEvent(newEvent({ deploymentId, eventId: "a" }))),
      bytesField(eventsNumber, encodeEvent({ deploymentId: "", url: "no uri" })),
      bytesField(eventsNumber, bytesField(8, Buffer.from([0xc3, 0x28]))),
      bytesField(eventsNumber, encodeEvent(newEvent({ deploymentId, eventId: "a" }))),
      bytesField(eventsNumber, encodeEvent(newEvent({ deploymentId, eventId: "a", message: "other" }))),
      bytesField(eventsNumber, encodeEvent({ deploymentId, message: "no id" })),
    ]),
  );
  stream.finish();
  const all = await acknowledgementsTo(stream, 6);
  const [first, invalid, unreadable, again, conflict, made] = all;
  if (invalid === undefined || unreadable === undefined || conflict === undefined) throw new Error("too few");

  expect(all.map(({ ordinal }) => ordinal)).toEqual([1n, 2n, 3n, 4n, 5n, 6n]);
  expect(first).toMatchObject({ eventId: "a", sequence: 1n, duplicate: false });
  expect(refusalIn(invalid)).toMatchObject({ code: "INVALID_ARGUMENT", reason: "REQUEST_INVALID" });
  expect(refusalIn(invalid).fields).toEqual(["event.deployment_id", "event.message", "event.url"]);
  expect(invalid).toMatchObject({ eventId: "", sequence: 0n });
  expect(refusalIn(unreadable)).toMatchObject({ code: "INVALID_ARGUMENT", reason: "REQUEST_UNREADABLE" });
  expect(again).toMatchObject({ eventId: "a", sequence: 1n, duplicate: true });
  expect(refusalIn(conflict)).toMatchObject({
    code: "ALREADY_EXISTS",
    reason: "EVENT_ID_CONFLICT",
    fields: ["event"],
    metadata: { deployment_id: deploymentId, event_id: "a", sequence: "1", fields: "message" },
  });
  expect(made?.eventId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
  expect(made).toMatchObject({ sequence: 2n });
  expect(await stream.status).toMatchObject({ code: status.OK });
  expect(service.log).toHaveLength(1);
  expect(service.log[0]).toMatchObject({ code: "OK", events: 6, stored: 2, duplicates: 1, refused: 3 });
});

test.each([
  ["holds no event", new Uint8Array(), "REQUEST_INVALID"],
  ["is cut off", bytesField(eventsNumber, encodeEvent(newEvent())).subarray(0, -2), "REQUEST_UNREADABLE"],
  ["is larger than 3 MiB", bytesField(eventsNumber, new Uint8Array(limits.messageBytesMax)), "REQUEST_INVALID"],
])("ends with INVALID_ARGUMENT at a message that %s, after what came before", async (_, message, reason) => {
  await using service = await embedService();
  const stream = service.client.bidi(ingestEvents);

  stream.send({ events: newEvents(newDeploymentId(), 3) });
  stream.send(message);
  const acknowledged = await acknowledgementsTo(stream, 3);
  const end = readRefusal(await stream.status);

  expect(acknowledged).toHaveLength(3);
  expect(end).toMatchObject({ code: "INVALID_ARGUMENT", reason });
});

describe("when the store fails one event", () => {
  test.each([
    ["STORE_FULL", "UNAVAILABLE", 1_000],
    ["STORE_REFUSED", "INTERNAL", undefined],
  ] as const)("with %s, acknowledges those before and ends with %s", async (reason, code, retryDelayMs) => {
    await using service = await embedService({
      around: (store) => ({
        ...store,
        append: async (append, options) => {
          if (append.events[0]?.eventId !== "3") return store.append(append, options);
          const fault = new StoreFaultError(reason, "as it is told");
          options.series?.break(append.deploymentId, fault);
          throw fault;
        },
      }),
    });
    const deploymentId = newDeploymentId();
    const stream = service.client.bidi(ingestEvents);

    stream.send({ events: newEvents(deploymentId, 6) });
    const acknowledged = await acknowledgementsTo(stream, 2);
    const end = readRefusal(await stream.status);
    const { events } = await service.client.call(listEvents, { deploymentId });

    expect(acknowledged.map(({ sequence }) => sequence)).toEqual([1n, 2n]);
    expect(end).toMatchObject({ code, reason, retryDelayMs });
    expect(events.map(({ eventId }) => eventId)).toEqual(["1", "2"]);
  });
});

test("is sent away with goaway that names the last acknowledged event, when the service stops", async () => {
  await using service = await embedService();
  const stream = service.client.bidi(ingestEvents);
  stream.send({ events: newEvents(newDeploymentId(), 3) });
  await acknowledgementsTo(stream, 3);

  service.ingester.drain();
  const frames = await stream.rest();

  expect(frames.flatMap(acknowledgementsOf)).toEqual([]);
  expect(frames.map(({ frame }) => frame)).toMatchObject([
    { case: "goaway", value: { reason: GoawayReason.DRAINING, lastOrdinal: 3n, retryDelay: { seconds: 1n } } },
  ]);
  expect(await stream.status).toMatchObject({ code: status.OK });
});

test("is sent away with goaway when it has reached its age", async () => {
  await using service = await embedService({ streamMaxAgeMs: 50 });
  const stream = service.client.bidi(ingestEvents);

  const frames = await stream.rest();

  expect(frames.map(({ frame }) => frame)).toMatchObject([
    { case: "opened" },
    { case: "goaway", value: { reason: GoawayReason.MAX_AGE, lastOrdinal: 0n } },
  ]);
});
