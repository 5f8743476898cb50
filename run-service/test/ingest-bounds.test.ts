import { setImmediate as nextTurn } from "node:timers/promises";
import type { Append, EventStore } from "@activity-events/event-store";
import {
  ActivityEventsService,
  IngestEventsRequestSchema,
  IngestEventsResponseSchema,
} from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { until } from "@activity-events/testing/until";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { status } from "@grpc/grpc-js";
import { expect, test } from "@jest/globals";
import { limits } from "../src/limits.ts";
import { embedService } from "./embed-service.ts";
import { acknowledgementsOf, acknowledgementsTo, allAcknowledgements } from "./ingest-stream.ts";
import { type EventInit, newDeploymentId, newEvent, newEvents } from "./new-event.ts";
import { messagesOf, sendMessage, UnreadConnection } from "./unread-connection.ts";

const { createEvent, getDeployment, ingestEvents } = ActivityEventsService.method;

const messageOf = (events: EventInit[]) =>
  toBinary(IngestEventsRequestSchema, create(IngestEventsRequestSchema, { events }));

/** A store that keeps appends waiting until it is told to go on, and counts what it has. */
function heldStore() {
  let gate = Promise.withResolvers<void>();
  const has = { events: 0, bytes: 0, bytesMost: 0 };
  const around = (store: EventStore): EventStore => ({
    ...store,
    append: async (append, options) => {
      const bytes = bytesOf(append);
      has.events += 1;
      has.bytes += bytes;
      has.bytesMost = Math.max(has.bytesMost, has.bytes);
      await gate.promise;
      return store.append(append, options).finally(() => {
        has.bytes -= bytes;
      });
    },
  });
  /** What it has goes on; what comes then waits again. */
  const letGo = () => {
    gate.resolve();
    gate = Promise.withResolvers();
  };
  return { around, has, letGo, letAllGo: () => gate.resolve() };
}

function bytesOf({ events }: Append): number {
  return events.reduce((sum, { content, stamp }) => sum + content.length + stamp.length, 0);
}

/** What was sent so far would have been taken by now, were it not held back. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 200; turn += 1) await nextTurn();
}

test("a stream hands the store no more than its window, and is held back", async () => {
  const held = heldStore();
  await using service = await embedService(held);
  const stream = service.client.bidi(ingestEvents);
  const message = messageOf(newEvents(newDeploymentId(), 4_000, { message: "m".repeat(200) }));

  for (let sent = 0; sent < 5; sent += 1) stream.send(message);
  await until(() => held.has.events >= limits.ingestWindowEvents, "the window is full");
  await turns();
  const eventsWhileHeld = held.has.events;
  held.letAllGo();
  const acknowledged = await acknowledgementsTo(stream, 20_000);
  stream.cancel();

  expect(eventsWhileHeld).toBe(limits.ingestWindowEvents);
  expect(acknowledged).toHaveLength(20_000);
});

test("many streams together hand the store no more bytes than the instance takes, and all are finished", async () => {
  const held = heldStore();
  await using service = await embedService(held);
  const eventBytes = 8_000;
  // Each would fill its own window, and all of them twice what there is.
  const streams = Array.from({ length: 8 }, () => {
    const stream = service.client.bidi(ingestEvents);
    const deploymentId = newDeploymentId();
    const events = newEvents(deploymentId, 1_200, { message: "m".repeat(eventBytes) });
    for (let from = 0; from < events.length; from += 300) stream.send(messageOf(events.slice(from, from + 300)));
    stream.finish();
    return { stream, deploymentId };
  });

  const isFull = () => held.has.bytes > limits.ingestWaitingBytesMax * 0.98;
  await until(isFull, "the store has what the instance takes");
  await turns();
  const eventsThatFit = held.has.events;
  held.letGo();
  await until(() => held.has.events > 1.9 * eventsThatFit && isFull(), "the store has as much again");
  await turns();
  held.letAllGo();
  const acknowledged = await Promise.all(streams.map(({ stream }) => allAcknowledgements(stream)));
  const ends = await Promise.all(streams.map(({ stream }) => stream.status));

  // What is looked at is whether there is room, not whether the next event fits.
  expect(held.has.bytesMost).toBeLessThan(limits.ingestWaitingBytesMax + 2 * eventBytes);
  for (const each of acknowledged) {
    expect(each.map(({ ordinal, sequence }) => [ordinal, sequence])).toEqual(
      Array.from({ length: 1_200 }, (_, index) => [BigInt(index + 1), BigInt(index + 1)]),
    );
  }
  expect(ends.map(({ code }) => code)).toEqual(Array(8).fill(status.OK));
});

test("the bytes of events that were refused are given back, however many there were", async () => {
  await using service = await embedService();
  const [deploymentId, eventId] = [newDeploymentId(), "taken"];
  await service.client.call(createEvent, { event: { deploymentId, eventId, message: "as it is" } });
  const labels = Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`label-${n}`, "v".repeat(1_000)]));
  const conflict: EventInit = { deploymentId, eventId, message: "m".repeat(60_000), labels };
  const message = messageOf([conflict]);
  const count = Math.ceil((1.2 * limits.ingestWaitingBytesMax) / message.length);
  const stream = service.client.bidi(ingestEvents);

  for (let sent = 0; sent < count; sent += 1) stream.send(message);
  stream.send(messageOf([newEvent({ deploymentId, eventId: "next" })]));
  stream.finish();
  const acknowledged = await allAcknowledgements(stream);

  expect(acknowledged.slice(0, -1).every((each) => each.status?.code === status.ALREADY_EXISTS)).toBe(true);
  expect(acknowledged).toHaveLength(count + 1);
  expect(acknowledged.at(-1)).toMatchObject({ eventId: "next", sequence: 2n });
});

test("a client that leaves its acknowledgements unread is held back at its window, and goes on when it reads", async () => {
  await using service = await embedService({ store: "sqlite" });
  const { client } = service;
  const deploymentId = newDeploymentId();
  const headSequence = async () => (await client.call(getDeployment, { deploymentId })).deployment?.headSequence;
  const connection = await UnreadConnection.open(service.address);
  const stream = connection.call(ingestEvents);
  const events = newEvents(deploymentId, 30_000);
  await client.call(createEvent, { event: events[0] ?? {} });

  for (let from = 0; from < events.length; from += 1_000) {
    sendMessage(stream, messageOf(events.slice(from, from + 1_000)));
  }
  stream.end();
  const isAtWindow = async () => ((await headSequence()) ?? 0n) >= BigInt(limits.ingestWindowEvents);
  await until(isAtWindow, "the window is full");
  for (let round = 0; round < 50; round += 1) await client.call(createEvent, { event: newEvent() });
  const headWhileUnread = await headSequence();
  connection.readOn();
  const acknowledged: bigint[] = [];
  for await (const bytes of messagesOf(stream)) {
    const frame = acknowledgementsOf(fromBinary(IngestEventsResponseSchema, bytes));
    acknowledged.push(...frame.map(({ sequence }) => sequence));
  }
  connection.close();

  expect(headWhileUnread).toBe(BigInt(limits.ingestWindowEvents));
  expect(acknowledged).toEqual(Array.from({ length: 30_000 }, (_, index) => BigInt(index + 1)));
});
