import {
  type DeploymentId,
  type EventId,
  type EventStore,
  type NewEvent,
  noSalt,
  openEventStore,
} from "@activity-events/event-store";
import { codec, plainFacts } from "@activity-events/event-store/contract/builders";
import { expect, test } from "@jest/globals";
import { DeploymentFeeds } from "../src/application/deployment-feeds.ts";
import { limits } from "../src/limits.ts";

const KiB = 1024;

/** Stores an event of so many bytes. */
async function record(store: EventStore, deploymentId: DeploymentId, contentBytes: number): Promise<void> {
  const facts: NewEvent["facts"] = plainFacts;
  const event: NewEvent = {
    eventId: `${Math.random()}` as EventId,
    facts,
    content: new Uint8Array(contentBytes),
    stamp: new Uint8Array(),
    salt: noSalt,
  };
  await store.append(
    { deploymentId, events: [event], expected: { kind: "any" }, receiveTimeUs: 1 },
    { deadlineMs: Number.POSITIVE_INFINITY },
  );
}

test("the recent events of all deployments together are bounded: those that changed longest ago are given up", async () => {
  const store = await openEventStore({ store: "memory" }, codec);
  const feeds = new DeploymentFeeds({ store, onSilentListener: () => {} });
  const ids = Array.from({ length: 40 }, (_, index) => `d${index}` as DeploymentId);
  const open = ids.map((id) => feeds.acquire(id));

  for (const id of [...ids, ids[1] as DeploymentId]) await record(store, id, 950 * KiB);

  const bytes = open.map(({ recent }) => recent.bytes);
  expect(bytes.reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(limits.recentBytesTotalMax);
  expect(bytes.filter((each) => each > 0).length).toBeGreaterThan(30);
  expect([bytes[0], bytes[2]]).toEqual([0, 0]);
  expect(bytes[1]).toBeGreaterThan(0);
  expect(bytes.at(-1)).toBeGreaterThan(0);
});

test("a deployment that nobody follows any more counts no longer", async () => {
  const store = await openEventStore({ store: "memory" }, codec);
  const feeds = new DeploymentFeeds({ store, onSilentListener: () => {} });

  for (let n = 0; n < 40; n += 1) {
    const id = `left-${n}` as DeploymentId;
    feeds.acquire(id);
    await record(store, id, 950 * KiB);
    feeds.release(id);
  }
  const stays = ["a", "b"].map((id) => feeds.acquire(id as DeploymentId));
  for (const id of ["a", "b"]) await record(store, id as DeploymentId, 950 * KiB);

  expect(stays.every(({ recent }) => recent.bytes > 0)).toBe(true);
});
