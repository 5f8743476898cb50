import { type HistoryHash, withCommitment } from "@activity-events/event-store";
import { until } from "@activity-events/testing/until";
import { afterEach, expect, test } from "@jest/globals";
import type { Limits } from "../src/limits.ts";
import { runMirror } from "../src/run-mirror.ts";
import { content, deploymentId, newEvent, newEvents, sequences } from "./builders.ts";
import { type Cloud, eventsTopic, openCloud } from "./open-cloud.ts";
import { firstAppearances } from "./topic-reader.ts";

const d = deploymentId("release-42");
const texts = (count: number) => sequences(count).map(String);
let opened: Cloud[] = [];

afterEach(async () => {
  await Promise.all(opened.map((cloud) => cloud.close()));
  opened = [];
});

async function open(changed: Partial<Limits> = {}): Promise<Cloud> {
  const cloud = await openCloud(changed);
  opened.push(cloud);
  return cloud;
}

test("mirrors what is recorded, in order, and then only what came after", async () => {
  const cloud = await open();
  await cloud.append("release-42", newEvents(250));

  expect(await runMirror(d, cloud)).toEqual({ kind: "complete" });
  await cloud.append("release-42", newEvents(2, 251));
  expect(await runMirror(d, cloud)).toEqual({ kind: "complete" });
  expect(await runMirror(d, cloud)).toEqual({ kind: "complete" });

  await until(() => cloud.events.received.length >= 252, "all events have come");
  expect(cloud.events.of("release-42")).toEqual(texts(252));
  expect(cloud.events.received[251]).toMatchObject({
    id: "event-252",
    type: "deployment.progress",
    json: { eventId: "event-252", sequence: "252", message: "number 252" },
  });
  expect(cloud.lines).toMatchObject([
    { from: 0, to: 250, published: 250 },
    { from: 250, to: 252, published: 2 },
    { from: 252, to: 252, published: 0 },
  ]);
});

test("tells with each event the commitment to it and the history hash after it, up to the head's", async () => {
  const cloud = await open();
  await cloud.append("release-42", newEvents(3));

  await runMirror(d, cloud);

  await until(() => cloud.events.received.length >= 3, "all events have come");
  let history: HistoryHash | undefined;
  for (const { sequence, attributes, json } of cloud.events.received) {
    const receiveTimeUs = Date.parse(`${json.receiveTime}`) * 1_000;
    const commitment = Buffer.from(attributes.commitment ?? "", "hex");
    history = withCommitment(history, { deploymentId: d, sequence, receiveTimeUs }, commitment);
    expect(attributes.history_hash).toBe(Buffer.from(history.hash).toString("hex"));
  }
  expect(history).toEqual((await cloud.eventStore.readDeployment(d))?.historyHash);
});

test("repeats, but never skips or reorders a first appearance, when runs overlap and lose their compare and set", async () => {
  const cloud = await open({ chunkMessagesMax: 7 });
  const appending = (async () => {
    for (let first = 1; first <= 300; first += 30) await cloud.append("release-42", newEvents(30, first));
  })();

  const running = sequences(4).map(async () => {
    for (let run = 0; run < 10; run += 1) await runMirror(d, cloud);
  });
  await Promise.all([appending, ...running]);
  await runMirror(d, cloud);

  await until(() => cloud.events.of("release-42").includes("300"), "the last event has come");
  expect(firstAppearances(cloud.events.of("release-42"))).toEqual(texts(300));
  expect(cloud.events.received.length).toBeGreaterThan(300);
  expect((await cloud.store.readPosition(d)).mirroredSequence).toBe(300);
});

test("loses and reorders nothing, at whatever call a run dies, before or after the call took effect", async () => {
  const cloud = await open({ chunkMessagesMax: 2 });
  let deaths = 0;

  for (let last = 1; ; last += 1) {
    const id = deploymentId(`dies-${last}`);
    await cloud.append(id, newEvents(5));
    const died = await runMirror(id, dyingAt(cloud, last));
    if (died.kind !== "failed") break;
    deaths += 1;
    await runMirror(id, cloud);
    await until(() => cloud.events.of(id).includes("5"), "the last event of each has come");
    expect(firstAppearances(cloud.events.of(id))).toEqual(texts(5));
  }

  expect(deaths).toBeGreaterThan(15);
});

test("takes what was accepted, and whose answer was lost, for nothing but a repeat", async () => {
  const cloud = await open({ chunkMessagesMax: 10 });
  await cloud.append("release-42", newEvents(30));
  cloud.strict.answersToLose = 2;

  expect(await runMirror(d, cloud)).toEqual({ kind: "complete" });

  await until(() => cloud.events.received.length >= 50, "all events have come");
  expect(firstAppearances(cloud.events.of("release-42"))).toEqual(texts(30));
});

test("advances nothing and makes no tombstone while the topic is deleted, and goes on when it is back", async () => {
  const cloud = await open();
  await cloud.append("release-42", newEvents(3));
  await runMirror(d, cloud);
  await until(() => cloud.events.received.length >= 3, "all events have come");

  await cloud.pubsub.topic(eventsTopic).delete();
  await cloud.append("release-42", newEvents(5, 4));
  expect(await runMirror(d, cloud)).toMatchObject({ kind: "failed", code: "PUBLISH_FAILED" });
  expect((await cloud.store.readPosition(d)).mirroredSequence).toBe(3);
  await cloud.pubsub.createTopic(eventsTopic);
  const [again] = await cloud.pubsub.topic(eventsTopic).createSubscription("again", { enableMessageOrdering: true });
  const arrived: string[] = [];
  again.on("message", (message) => {
    arrived.push(`${message.attributes["ce-type"]} ${message.attributes["ce-sequence"]}`);
    message.ack();
  });
  expect(await runMirror(d, cloud)).toEqual({ kind: "complete" });

  await until(() => arrived.length >= 5, "the rest has come");
  expect(arrived).toEqual(sequences(5, 4).map((sequence) => `deployment.progress ${sequence}`));
  await again.close();
});

test("mirrors 99 messages and one tombstone, in order, when one of 100 is refused", async () => {
  const cloud = await open();
  const events = newEvents(100);
  events[41] = newEvent("event-42", { environment: "x".repeat(1_025) });
  await cloud.append("release-42", events);

  expect(await runMirror(d, cloud)).toEqual({ kind: "complete" });

  await until(() => cloud.events.received.length >= 100, "all events have come");
  expect(cloud.events.of("release-42")).toEqual(texts(100).with(41, "!42"));
  expect(cloud.events.received[41]).toMatchObject({
    id: "event-42",
    json: { reason: "EVENT_REFUSED", eventId: "event-42", sequence: "42" },
  });
  expect(cloud.codes()).toEqual(["EVENT_REFUSED"]);
  expect(cloud.strict.refused).toBe(2);
});

test("stops with an alarm when messages are refused one after the other", async () => {
  const cloud = await open();
  const refused = sequences(3, 2).map((sequence) => newEvent(`event-${sequence}`, { environment: "x".repeat(1_025) }));
  await cloud.append("release-42", [...newEvents(1), ...refused]);

  expect(await runMirror(d, cloud)).toMatchObject({ kind: "failed", code: "TOPIC_REFUSES" });

  await until(() => cloud.events.received.length >= 2, "all events have come");
  expect(cloud.events.of("release-42")).toEqual(["1", "!2"]);
  expect((await cloud.store.readPosition(d)).mirroredSequence).toBe(2);
});

test("puts tombstones in the place of documents that are missing, unreadable or edited", async () => {
  const cloud = await open();
  await cloud.append("release-42", newEvents(7));
  const path = (sequence: number) => `deployments/release-42/events/event-${sequence}`;
  await Promise.all([1, 4, 7].map((sequence) => cloud.remove(path(sequence))));
  await cloud.patch(path(3), { content: { stringValue: "no bytes" } });
  await cloud.patch(path(5), { receive_time: { nullValue: null } });
  await cloud.patch(path(6), {
    content: { bytesValue: Buffer.from(content({ message: "edited" })).toString("base64") },
  });

  expect(await runMirror(d, cloud)).toEqual({ kind: "complete" });

  await until(() => cloud.events.received.length >= 7, "all events have come");
  expect(cloud.events.of("release-42")).toEqual(["!1", "2", "!3", "!4", "!5", "!6", "!7"]);
  expect(cloud.events.received.map(({ id }) => id)).toEqual([
    "!1",
    "event-2",
    "event-3",
    "!4",
    "event-5",
    "event-6",
    "!7",
  ]);
  expect(cloud.codes()).toEqual([
    "EVENT_MISSING",
    "EVENT_UNREADABLE",
    "EVENT_MISSING",
    "EVENT_UNREADABLE",
    "EVENT_UNREADABLE",
    "EVENT_MISSING",
  ]);
});

test("pokes for the next run when it has had its share", async () => {
  const cloud = await open({ runEventsMax: 3 });
  await cloud.append("release-42", newEvents(5));

  expect(await runMirror(d, cloud)).toEqual({ kind: "poked_again" });

  await until(() => cloud.pokes.received.length >= 1, "the poke has come");
  expect(cloud.pokes.received.map(({ json }) => json)).toEqual([{ kind: "poke", deploymentId: "release-42" }]);
  expect((await cloud.store.readPosition(d)).mirroredSequence).toBe(3);
});

/** The same, but the run ends at one of its calls: at the odd ones before, at the even ones after they took effect. */
function dyingAt(cloud: Cloud, last: number): Cloud {
  let calls = 0;
  const dying = <Part extends object>(part: Part): Part =>
    new Proxy(part, {
      get: (target, name) => {
        const call = target[name as keyof Part] as (...given: unknown[]) => Promise<unknown>;
        return async (...given: unknown[]) => {
          calls += 2;
          if (calls - 1 === last) throw new Error("died before");
          const answer = await call.apply(target, given);
          if (calls === last) throw new Error("died after");
          return answer;
        };
      },
    });
  return { ...cloud, store: dying(cloud.store), publisher: dying(cloud.publisher) };
}

test("publishes nothing and leaves the position as it is when somebody has made it no number", async () => {
  const cloud = await open();
  await cloud.append("release-42", newEvents(3));
  await cloud.patch("mirrors/release-42", { mirrored_sequence: { doubleValue: 1.5 } });

  expect(await runMirror(d, cloud)).toMatchObject({ kind: "failed", code: "STORE_FAILED" });
  await cloud.patch("mirrors/release-42", { mirrored_sequence: { integerValue: "1" } });
  expect(await runMirror(d, cloud)).toEqual({ kind: "complete" });

  await until(() => cloud.events.received.length >= 2, "both events have come");
  expect(cloud.events.of("release-42")).toEqual(["2", "3"]);
});
