import { messageBytesMax } from "@activity-events/topic/topic-message";
import { expect, test } from "@jest/globals";
import { chunksOf, type MirrorMessage, mirrorMessage, tombstone } from "../src/mirror-message.ts";
import { deploymentId, eventId, firstRun, readable, sequences, storedEvent } from "./builders.ts";

const d = deploymentId("release-42");
const tombstoneAttributes = {
  "content-type": "application/json",
  "ce-specversion": "1.0",
  "ce-source": "//activityevents/deployments/release-42",
  "ce-type": "activityevents.tombstone",
  "ce-subject": "release-42",
  "ce-sequence": "17",
  deployment_id: "release-42",
  type: "activityevents.tombstone",
};
const jsonOf = ({ message }: MirrorMessage) => JSON.parse(Buffer.from(message.data).toString());

test("gives a missing document a tombstone without an event id", () => {
  const message = mirrorMessage({ kind: "missing", sequence: 17 }, firstRun(d));

  expect(message).toMatchObject({ kind: "tombstone", sequence: 17, reason: "EVENT_MISSING" });
  expect(message.message.attributes).toEqual({ ...tombstoneAttributes, "ce-id": "!17" });
  expect(message.message.orderingKey).toBe("release-42");
  expect(jsonOf(message)).toEqual({ reason: "EVENT_MISSING", sequence: "17" });
});

test("gives an unreadable document a tombstone with its event id", () => {
  const message = mirrorMessage({ kind: "unreadable", eventId: eventId("event-17"), sequence: 17 }, firstRun(d));

  expect(message).toMatchObject({ kind: "tombstone", sequence: 17, reason: "EVENT_UNREADABLE" });
  expect(message.message.attributes).toEqual({ ...tombstoneAttributes, "ce-id": "event-17" });
  expect(jsonOf(message)).toEqual({ reason: "EVENT_UNREADABLE", eventId: "event-17", sequence: "17" });
});

test("gives an event that cannot be decoded a tombstone", () => {
  const event = { ...storedEvent(17), content: new Uint8Array([255]) };

  expect(mirrorMessage(readable(event), firstRun(d))).toMatchObject({
    kind: "tombstone",
    sequence: 17,
    eventId: "event-17",
    reason: "EVENT_UNREADABLE",
    cause: expect.any(Error),
  });
});

test("takes nothing for an event id that is none, so that a tombstone cannot be refused for it", () => {
  const message = mirrorMessage({ kind: "unreadable", eventId: eventId("x".repeat(1_500)), sequence: 17 }, firstRun(d));

  expect(message.message.attributes).toEqual({ ...tombstoneAttributes, "ce-id": "!17" });
  expect(jsonOf(message)).toEqual({ reason: "EVENT_UNREADABLE", sequence: "17" });
});

test("cuts chunks by messages", () => {
  const messages = sequences(7).map((sequence) => mirrorMessage(readable(storedEvent(sequence)), firstRun(d)));

  const chunks = chunksOf(messages, { chunkMessagesMax: 3, chunkBytesMax: 1e6 });

  expect(chunks.map((chunk) => chunk.map(({ sequence }) => sequence))).toEqual([[1, 2, 3], [4, 5, 6], [7]]);
});

test("cuts chunks by bytes, attributes included, and gives a message that is too large a chunk of its own", () => {
  const small = tombstone({
    deploymentId: d,
    sequence: 1,
    eventId: undefined,
    reason: "EVENT_MISSING",
    replayed: false,
  });
  const large = mirrorMessage(readable(storedEvent(2, { message: "x".repeat(8_000) })), firstRun(d));
  const bytes = messageBytesMax(small.message);

  const chunks = chunksOf([small, small, small, large, small, large], {
    chunkMessagesMax: 100,
    chunkBytesMax: bytes * 2,
  });

  expect(chunks).toEqual([[small, small], [small], [large], [small], [large]]);
  expect(bytes).toBeGreaterThan(JSON.stringify(small.message.attributes).length);
});

test("makes no chunk of nothing", () => {
  expect(chunksOf([])).toEqual([]);
});
