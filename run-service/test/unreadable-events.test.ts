import type { Append, EventStore } from "@activity-events/event-store";
import { plainFacts } from "@activity-events/event-store/contract/builders";
import {
  ActivityEventsService,
  EventOrder,
} from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { describe, expect, test } from "@jest/globals";
import { type EmbeddedService, embedService } from "./embed-service.ts";
import { frameInWords, isFrame } from "./frame-in-words.ts";
import { newDeploymentId } from "./new-event.ts";
import { refusalOf } from "./read-refusal.ts";
import { stores } from "./start-service.ts";

const { createEvent, getEvent, listEvents, streamEvents } = ActivityEventsService.method;

/** Bytes that older versions took for an event, and that others cannot read. */
const unreadable = {
  "a tag of more than 32 bits": "4201789ada80808010036e6f77",
  "an unknown number that is too long": "420178e00380808080808080808080808001",
  "a text that is not UTF-8": "4202c328",
  "a part that is cut off": "42017842",
};

/** Stores an event that is these bytes, as an older version did. */
async function storeBytes(store: EventStore, deploymentId: string, eventId: string, content: Buffer): Promise<void> {
  const facts = { ...plainFacts, type: "t" };
  const events = [{ eventId, facts, content, stamp: new Uint8Array(), salt: new Uint8Array(16) }];
  const append = { deploymentId, events, expected: { kind: "any" }, receiveTimeUs: 1_000_000 };
  await store.append(append as unknown as Append, { deadlineMs: Number.POSITIVE_INFINITY });
}

/** Five events, of which the third cannot be read. */
async function recordAround({ client, store }: EmbeddedService, hex: string): Promise<string> {
  const deploymentId = newDeploymentId();
  const record = (eventId: string) => client.call(createEvent, { event: { deploymentId, eventId, message: "x" } });
  await record("1");
  await record("2");
  await storeBytes(store, deploymentId, "3", Buffer.from(hex, "hex"));
  await record("4");
  await record("5");
  return deploymentId;
}

describe.each(stores)("an event that is stored on %s and cannot be read", (kind) => {
  const dataLoss = (deploymentId: string) => ({
    code: "DATA_LOSS",
    reason: "STORE_DAMAGED",
    metadata: { deployment_id: deploymentId, sequence: "3" },
  });

  test.each(Object.entries(unreadable))("is data loss of itself alone, with %s", async (_, hex) => {
    await using service = await embedService({ store: kind });
    const { client } = service;
    const deploymentId = await recordAround(service, hex);

    const one = await refusalOf(client.call(getEvent, { deploymentId, eventId: "3" }));
    const other = await client.call(getEvent, { deploymentId, eventId: "4" });

    expect(one).toMatchObject(dataLoss(deploymentId));
    expect(other.event?.sequence).toBe(4n);
  });

  test.each([
    [EventOrder.SEQUENCE_ASCENDING, [1n, 2n], [4n, 5n]],
    [EventOrder.SEQUENCE_DESCENDING, [5n, 4n], [2n, 1n]],
  ])(
    "parts a list in order %i: what precedes it, data loss, and what is behind it",
    async (orderBy, before, behind) => {
      await using service = await embedService({ store: kind });
      const deploymentId = await recordAround(service, unreadable["a tag of more than 32 bits"]);
      const list = (pageToken: string) => service.client.call(listEvents, { deploymentId, orderBy, pageToken });

      const first = await list("");
      const refusal = await refusalOf(list(first.nextPageToken));
      const last = await list(refusal.metadata.next_page_token ?? "");

      expect(first.events.map(({ sequence }) => sequence)).toEqual(before);
      expect(refusal).toMatchObject(dataLoss(deploymentId));
      expect(last.events.map(({ sequence }) => sequence)).toEqual(behind);
      expect(last.nextPageToken).toBe("");
    },
  );

  test("ends a stream that comes to it, which is resumed behind it", async () => {
    await using service = await embedService({ store: kind });
    const deploymentId = await recordAround(service, unreadable["a text that is not UTF-8"]);
    const stream = service.client.stream(streamEvents, { deploymentId });

    const frames = [await stream.next(), await stream.next()];
    const refusal = await refusalOf(stream.next());
    const rest = await service.client.stream(streamEvents, { deploymentId, afterSequence: 3n }).rest();

    expect(frames.map(frameInWords)).toEqual(["opened after 0", "events 1-2"]);
    expect(refusal).toMatchObject(dataLoss(deploymentId));
    expect(rest.map(frameInWords)).toEqual(["opened after 3", "events 4-5", "caught_up 5 of 5"]);
    expect(service.faults).toEqual([]);
  });

  test("ends a stream that follows when it is stored", async () => {
    await using service = await embedService({ store: kind });
    const deploymentId = newDeploymentId();
    const stream = service.client.stream(streamEvents, { deploymentId, follow: true });
    await stream.until(isFrame("caughtUp"));

    await storeBytes(service.store, deploymentId, "1", Buffer.from(unreadable["a part that is cut off"], "hex"));
    const refusal = await refusalOf(stream.rest());

    expect(refusal).toMatchObject({ ...dataLoss(deploymentId), metadata: { sequence: "1" } });
  });
});
