import {
  type Deployment,
  type DeploymentId,
  type EventId,
  type EventStore,
  noSalt,
  openEventStore,
} from "@activity-events/event-store";
import { codec, plainFacts } from "@activity-events/event-store/contract/builders";
import { expect, test } from "@jest/globals";
import { DeploymentFeed } from "../src/application/deployment-feed.ts";
import { countUses, silenceable } from "./unreliable-store.ts";

const deploymentId = "d" as DeploymentId;
const facts = plainFacts;

/** A feed of a deployment, whose listeners can be silenced. */
async function openFeed(around: (store: EventStore) => EventStore = (store) => store) {
  const { store: kept, silence } = silenceable(await openEventStore({ store: "memory" }, codec));
  const { store, counts } = countUses(around(kept));
  let silent = 0;
  const onSilentListener = () => {
    silent += 1;
  };
  const feed = new DeploymentFeed({ store, deploymentId, onRecent: () => {}, onSilentListener });
  const record = (eventId: string) =>
    store.append(
      {
        deploymentId,
        events: [
          { eventId: eventId as EventId, facts, content: new Uint8Array(10), stamp: new Uint8Array(), salt: noSalt },
        ],
        expected: { kind: "any" },
        receiveTimeUs: 1,
      },
      { deadlineMs: Number.POSITIVE_INFINITY },
    );
  const readHead = () => feed.readHead(performance.now());
  return { feed, counts, silence, record, readHead, silent: () => silent };
}

test("a listener that kept one event to itself is replaced at the second read that finds it", async () => {
  const { feed, counts, silence, record, readHead, silent } = await openFeed();
  await record("1");
  await readHead();
  silence();
  await record("2");

  const heads = [await readHead(), silent(), await readHead(), silent()];
  await record("3");

  expect(heads).toEqual([2, 0, 2, 1]);
  expect(counts).toMatchObject({ listeners: 2, closed: 1 });
  expect(feed.head).toBe(3);
});

test("a listener that tells of all is kept, however often the head is read", async () => {
  const { counts, record, readHead, silent } = await openFeed();

  for (const eventId of ["1", "2", "3"]) {
    await record(eventId);
    await readHead();
    await readHead();
  }

  expect(silent()).toBe(0);
  expect(counts.listeners).toBe(1);
});

test("a read of the head that failed serves nobody after it", async () => {
  let fails = true;
  const { feed, record } = await openFeed((store) => ({
    ...store,
    readDeployment: (id) => (fails ? Promise.reject(new Error("away")) : store.readDeployment(id)),
  }));
  await record("1");

  await expect(feed.readHead(0)).rejects.toThrow("away");
  fails = false;

  expect(await feed.readHead(0)).toBe(1);
});

test("a read of the head is shared by those that ask for none begun later", async () => {
  const { feed, counts, record } = await openFeed();
  await record("1");

  const sinceMs = performance.now();
  await Promise.all([feed.readHead(sinceMs), feed.readHead(sinceMs)]);
  const shared = counts.headReads;
  await feed.readHead(performance.now());

  expect(shared).toBe(1);
  expect(counts.headReads).toBe(2);
});

test("a read of the head that a notice has overtaken lowers nothing and wakes nobody", async () => {
  const answer = Promise.withResolvers<void>();
  const { feed, record, readHead } = await openFeed((store) => ({
    ...store,
    readDeployment: async (id) => {
      const deployment = await store.readDeployment(id);
      await answer.promise;
      return deployment;
    },
  }));
  await record("1");
  const reading = readHead();
  await record("2");
  let woken = 0;
  feed.onGrowth(() => {
    woken += 1;
  });

  answer.resolve();

  expect(await reading).toBe(2);
  expect(woken).toBe(0);
});

test("a read of the head that was overtaken by a later one takes no history hash back", async () => {
  const answers: PromiseWithResolvers<void>[] = [];
  const { feed, record, readHead } = await openFeed((store) => ({
    ...store,
    readDeployment: async (id) => {
      const deployment = await store.readDeployment(id);
      const answer = Promise.withResolvers<void>();
      answers.push(answer);
      await answer.promise;
      return deployment;
    },
  }));
  const until = async (reads: number) => {
    while (answers.length < reads) await new Promise((resolve) => setImmediate(resolve));
  };
  await record("1");
  const first = readHead();
  await until(1);
  await record("2");
  const second = readHead();
  await until(2);

  answers[1]?.resolve();
  await second;
  answers[0]?.resolve();
  await first;

  expect(feed.head).toBe(2);
  expect(feed.historyHash?.sequence).toBe(2);
});

test("a head that counts less than was stored before it was read is damage", async () => {
  let first: Promise<Deployment | undefined> | undefined;
  const { record, readHead } = await openFeed((store) => ({
    ...store,
    readDeployment: (id) => {
      first ??= store.readDeployment(id);
      return first;
    },
  }));
  await record("1");
  expect(await readHead()).toBe(1);
  await record("2");

  await expect(readHead()).rejects.toMatchObject({ reason: "STORE_DAMAGED", place: { deploymentId, sequence: 2 } });
});
