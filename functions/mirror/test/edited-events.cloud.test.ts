import { type EventStore, purgedType, redactedType } from "@activity-events/event-store";
import { codec } from "@activity-events/event-store/contract/builders";
import { until } from "@activity-events/testing/until";
import { afterEach, expect, test } from "@jest/globals";
import { openMemoryStore } from "../../../event-store/src/memory/store.ts";
import { runMirror } from "../src/run-mirror.ts";
import { runReplay } from "../src/run-replay.ts";
import { runSweep } from "../src/run-sweep.ts";
import { content, deploymentId, eventId, facts, newEvent, newEvents, sequences } from "./builders.ts";
import { type Cloud, openCloud } from "./open-cloud.ts";

const d = deploymentId("release-42");
const inTime = () => ({ deadlineMs: Date.now() + 20_000 });
let cloud: Cloud;
afterEach(() => cloud.close());

async function redact(store: EventStore, id: string): Promise<void> {
  const read = await store.readEvent(d, eventId(id));
  if (read === undefined) throw new Error(`there is no event ${id}`);
  const left = { content: content(), stamp: new Uint8Array(), facts };
  const notice = newEvent("told", { type: redactedType, message: `of ${id}` });
  await store.redactEvent({ deploymentId: d, read, facts, left, notice, receiveTimeUs: Date.now() * 1_000 }, inTime());
}

test("an event that is redacted in the middle of a run goes out as what is left, and its notice in order", async () => {
  cloud = await openCloud({ chunkMessagesMax: 2 });
  await cloud.append("release-42", newEvents(6));
  const publish: Cloud["publisher"]["publish"] = async (topic, messages) => {
    const outcome = await cloud.publisher.publish(topic, messages);
    // In the middle of the run.
    if (messages.some(({ attributes }) => attributes["ce-id"] === "event-2")) await redact(cloud.eventStore, "event-5");
    return outcome;
  };

  expect(await runMirror(d, { ...cloud, publisher: { ...cloud.publisher, publish } })).toEqual({ kind: "complete" });

  await until(() => cloud.events.received.length >= 7, "all events have come");
  expect(cloud.events.of("release-42")).toEqual(sequences(7).map(String));
  const [, , , , emptied, , notice] = cloud.events.received;
  expect(emptied?.text).not.toContain("number 5");
  expect(emptied?.json).not.toHaveProperty("salt");
  const stored = await cloud.eventStore.readEvent(d, eventId("event-5"));
  expect(emptied?.attributes.commitment).toBe(Buffer.from(stored?.redaction?.commitment ?? []).toString("hex"));
  expect(notice).toMatchObject({ type: redactedType, json: { message: "of event-5" } });
  expect(cloud.codes()).toEqual([]);

  expect(await runReplay({ kind: "replay", deploymentId: d, fromSequence: 4, toSequence: 5 }, cloud)).toEqual({
    kind: "complete",
  });
  await until(() => cloud.events.received.length >= 9, "the repeats have come");
  expect(cloud.events.received.slice(7).map(({ sequence, attributes }) => [sequence, attributes.replayed])).toEqual([
    [4, "true"],
    [5, "true"],
  ]);
  expect((await cloud.store.readPosition(d)).mirroredSequence).toBe(7);
});

test("what a purge takes before it is published becomes tombstones, without a fault, and its head is swept", async () => {
  cloud = await openCloud();
  await cloud.append("release-42", newEvents(2));
  await runMirror(d, cloud);
  await cloud.append("release-42", newEvents(3, 3));
  const notice = newEvent("purged", { type: purgedType });
  await cloud.eventStore.beginPurge({ deploymentId: d, notice, receiveTimeUs: Date.now() * 1_000 }, inTime());
  expect(await cloud.eventStore.unmirroredEvents(d)).toBe(4);
  await cloud.remove("deployments/release-42/events/event-3");

  expect(await runMirror(d, { ...cloud, limits: { ...cloud.limits, runEventsMax: 2 } })).toEqual({
    kind: "poked_again",
  });
  while ((await cloud.eventStore.purgeSome(d, inTime())).more);
  expect(await runMirror(d, cloud)).toEqual({ kind: "complete" });

  await until(() => cloud.events.received.length >= 6, "all have come");
  expect(cloud.events.of("release-42")).toEqual(["1", "2", "!3", "4", "!5", "!6"]);
  expect(cloud.events.received.map(({ json }) => json.reason)).toEqual([
    undefined,
    undefined,
    "PURGED",
    undefined,
    "PURGED",
    "PURGED",
  ]);
  expect(cloud.codes()).toEqual([]);
  expect(await cloud.eventStore.unmirroredEvents(d)).toBe(0);
  await runSweep({ ...cloud, limits: { ...cloud.limits, quietTimeMs: 0 } });
  expect(await cloud.store.readPending({ after: undefined, deploymentsMax: 10 })).toEqual([]);
});

test("what is imported is published in order and marked, and no lag is told of it", async () => {
  cloud = await openCloud();
  const source = openMemoryStore({ codec });
  await source.append(
    { deploymentId: d, events: newEvents(3), expected: { kind: "any" }, receiveTimeUs: 1_000_000 },
    inTime(),
  );
  const head = await source.readDeployment(d);
  if (head === undefined) throw new Error("nothing was appended");
  const stored = await Promise.all(sequences(3).map((sequence) => source.readEvent(d, eventId(`event-${sequence}`))));
  const events = stored.flatMap((event) => (event === undefined ? [] : [{ stored: event, facts }]));
  expect(await cloud.eventStore.importEvents({ head: { ...head, emptied: [] }, events }, inTime())).toEqual({
    kind: "imported",
    events: 3,
  });

  await runMirror(d, cloud);

  await until(() => cloud.events.received.length >= 3, "all events have come");
  expect(cloud.events.received.map(({ sequence, attributes }) => [sequence, attributes.imported])).toEqual(
    sequences(3).map((sequence) => [sequence, "true"]),
  );
  expect(cloud.lines[0]).not.toHaveProperty("lag_ms");
});
