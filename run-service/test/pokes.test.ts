import {
  type DeploymentId,
  type EventId,
  type EventStore,
  type NewEvent,
  noSalt,
  openEventStore,
} from "@activity-events/event-store";
import { codec, plainFacts } from "@activity-events/event-store/contract/builders";
import { until } from "@activity-events/testing/until";
import { beforeEach, expect, test } from "@jest/globals";
import { ByteBudget } from "../src/application/byte-budget.ts";
import { EventIngester } from "../src/application/event-ingester.ts";
import { EventRecorder } from "../src/application/event-recorder.ts";
import { noPoker, type Poker } from "../src/application/poker.ts";

const facts: NewEvent["facts"] = plainFacts;

let store: EventStore;
let pokes: string[];
let poker: Poker;
beforeEach(async () => {
  store = await openEventStore(
    { store: "memory" },
    {
      ...codec,
      differingFields: (stored, offered) => (Buffer.compare(stored, offered) === 0 ? [] : ["message"]),
    },
  );
  pokes = [];
  poker = { ...noPoker, poke: (deploymentId) => void pokes.push(deploymentId) };
});

const appendOf = (deploymentId: string, ids: readonly string[], content = "x") => ({
  deploymentId: deploymentId as DeploymentId,
  events: ids.map((id) => ({
    eventId: id as EventId,
    facts,
    content: Buffer.from(content),
    stamp: new Uint8Array(),
    salt: noSalt,
  })),
  expected: { kind: "any" } as const,
  receiveTimeUs: 1,
});
const call = {
  callerDeadlineMs: Number.POSITIVE_INFINITY,
  signal: new AbortController().signal,
  revoked: new AbortController().signal,
};

test("each append that stored something wakes the mirror once for its deployment, and none that did not", async () => {
  const recorder = new EventRecorder(store, poker);
  const record = (...append: Parameters<typeof appendOf>) =>
    recorder.record(appendOf(...append), { ...call, fieldOf: () => "event" }).catch(() => {});

  await record("new", ["a"]);
  await record("whole", ["a", "b", "c"]);
  expect(pokes).toEqual(["new", "whole"]);
  await record("whole", ["a", "b", "c"]);
  await record("new", ["a"], "other");
  expect(pokes).toEqual(["new", "whole"]);
  await record("whole", ["a", "d"]);
  await record("whole", ["e", "a"]);

  expect(pokes).toEqual(["new", "whole", "whole", "whole"]);
});

test("an append that was stored after its caller had gone wakes the mirror too", async () => {
  let letGo = () => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const slow: EventStore = {
    ...store,
    // What the store has begun it ends, though nobody waits.
    append: (append) => held.then(() => store.append(append, { deadlineMs: Number.POSITIVE_INFINITY })),
  };
  const recorder = new EventRecorder(slow, poker);

  const hurried = { ...call, callerDeadlineMs: Date.now() + 1, fieldOf: () => "event" };
  const refused = recorder.record(appendOf("late", ["a"]), hurried);
  await expect(refused).rejects.toMatchObject({ reason: "DEADLINE_PASSED" });
  const before = [...pokes];
  letGo();
  await until(() => pokes.length > 0, "the mirror is woken");

  expect(before).toEqual([]);
  expect(pokes).toEqual(["late"]);
});

test("each event of a stream that was stored wakes the mirror, and none that was stored before or refused", async () => {
  const ingester = new EventIngester({
    store,
    budget: new ByteBudget(),
    poker,
    streamTimes: () => ({ streamMaxAgeMs: 60_000 }),
    random: () => 1,
  });
  const ingest = ingester.open({ ...call, encodeRefusal: () => new Uint8Array() });
  const frames = ingest.frames();
  await frames.next();

  for (const [id, content] of [["a"], ["a"], ["b"], ["a", "other"]] as const) {
    ingest.take(appendOf("d", [id], content), 10);
  }
  ingest.finish(null);
  for await (const _ of frames);

  expect(pokes).toEqual(["d", "d"]);
  expect(ingest.counts).toEqual({ events: 4, stored: 2, duplicates: 1, refused: 1 });
});
