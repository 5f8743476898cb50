import { closeAll, startCloud } from "@activity-events/testing/cloud-stack";
import { connect, disconnectAll } from "@activity-events/testing/contract-client";
import { seededRandom } from "@activity-events/testing/seeded-random";
import { until } from "@activity-events/testing/until";
import { afterEach, expect, test } from "@jest/globals";
import { readMirrored } from "./firestore-documents.ts";
import { type Kills, killAtRandom } from "./kills-at-random.ts";
import { LastingFollower } from "./lasting-follower.ts";
import { openPokeProxy } from "./poke-proxy.ts";
import { placesOf, readAllStored, SpreadWriters } from "./spread-writers.ts";
import { TopicSubscriber } from "./topic-subscriber.ts";

// All that the issue asks for is EVENTS=5000; by default as many as are written in a few seconds.
const eventsTotal = Number(process.env.EVENTS || 1_000);
const deployments = Math.min(50, Math.ceil(eventsTotal / 30));

afterEach(async () => {
  disconnectAll();
  await closeAll();
});

test(
  `brings each of ${eventsTotal} events to a subscriber, once and in order, while processes are killed and pokes thrown away`,
  async () => {
    const random = seededRandom("mirrored-under-kills");
    const proxy = await openPokeProxy();
    const cloud = await startCloud({ pushThrough: proxy.pushThrough, sweepIntervalSeconds: 3 });
    const { projectId, addresses, eventsTopic: topic } = cloud;
    const subscriber = await TopicSubscriber.open({ projectId, topic });
    let isLastPokeLost = false;
    proxy.loses = () => isLastPokeLost || random.between(1, 3) === 1;
    subscriber.forgets = () => random.between(1, 5) === 1;

    const begunMs = performance.now();
    const kills: Kills = { ofServices: 0, ofMirror: 0 };
    const isKilledOften = () => kills.ofServices > 1 && kills.ofMirror > 1;
    // A fast machine writes all before enough has been killed.
    const holds = async (eventNumber: number) => {
      if (eventNumber > eventsTotal * 0.8) await until(isKilledOften, "enough is killed");
    };
    const writers = new SpreadWriters({ addresses, writers: 8, eventsTotal, deployments, random, holds });
    const clients = addresses.map(connect);
    const followers = writers.deploymentIds.map((deploymentId) => new LastingFollower({ clients, deploymentId }));
    const killing = killAtRandom(cloud, {
      kills,
      random,
      isOver: () => writers.isOver,
      nextPush: () => Promise.race([proxy.nextPush(), writers.done]),
    });
    // At the end of the load no poke gets through, so that only the sweep can bring in what was written last.
    await writers.reach(Math.floor(eventsTotal * 0.9));
    isLastPokeLost = true;
    const sweptBefore = swept();
    await writers.done;
    const loadMs = performance.now() - begunMs;
    await killing;
    await until(() => swept() > sweptBefore, "the sweep finds what stands still");
    isLastPokeLost = false;
    const lateTotal = eventsTotal - subscriber.takenTotal;
    await until(() => subscriber.takenTotal >= eventsTotal, "all events arrive");
    const arrivedMs = performance.now() - begunMs;

    const timesOpened = followers.reduce((sum, follower) => sum + follower.timesOpened, 0);
    process.stderr.write(
      `mirrored-under-kills: ${eventsTotal} events in ${deployments} deployments written in ${inSeconds(loadMs)}, all arrived after ${inSeconds(arrivedMs)}; ${kills.ofServices} kills of services and ${kills.ofMirror} of the mirror; ${writers.refused.length} calls failed and were sent again, ${writers.duplicates} of them had been stored; ${proxy.pushedAgain} pushes came again, and ${subscriber.redelivered} events from Pub/Sub and ${subscriber.repeated} from the mirror; ${proxy.lost} pokes thrown away, ${lateTotal} events brought in by the sweep alone, which poked ${swept()} times; followers opened ${timesOpened} streams\n`,
    );
    const stored = await readAllStored(addresses[0] ?? "", writers.deploymentIds);
    const idsInStore = mapValues(stored, (events) => events.map(({ eventId }) => eventId));
    expect(sum(mapValues(stored, ({ length }) => length))).toBe(eventsTotal);
    expect(placesOf(stored)).toEqual(writers.acknowledged);
    expect(writers.neverTried).toEqual([]);
    expect(subscriber.gaps).toEqual([]);
    expect(subscriber.arrivals.filter(({ isTombstone }) => isTombstone)).toEqual([]);
    expect(mapValues(subscriber.taken, (arrivals) => arrivals.map(({ id }) => id))).toEqual(idsInStore);
    const mirrored = async () => readMirrored(projectId);
    await until(async () => sum(await mirrored()) >= eventsTotal, "the mirror says that it is done");
    expect(await mirrored()).toEqual(mapValues(stored, ({ length }) => length));
    await until(
      () => followers.every(({ seen, deploymentId }) => seen.length >= (stored.get(deploymentId)?.length ?? 0)),
      "all followers have seen all",
    );
    for (const follower of followers) await follower.stop();
    expect(new Map(followers.map(({ deploymentId, seen }) => [deploymentId, seen]))).toEqual(idsInStore);
    expect(cloud.deaths).toEqual([]);
    // The test is about nothing if all went well.
    expect(isKilledOften()).toBe(true);
    expect(writers.refused.length).toBeGreaterThan(0);
    expect(proxy.pushedAgain).toBeGreaterThan(0);
    expect(subscriber.redelivered).toBeGreaterThan(0);
    expect(proxy.lost).toBeGreaterThan(0);
    expect(lateTotal).toBeGreaterThan(0);

    function swept(): number {
      return cloud.log.reduce((total, { message, poked }) => total + (message === "sweep" ? Number(poked) : 0), 0);
    }
  },
  300_000 + eventsTotal * 100,
);

function mapValues<In, Out>(map: ReadonlyMap<string, In>, of: (value: In) => Out): Map<string, Out> {
  return new Map([...map].map(([key, value]) => [key, of(value)]));
}

function sum(map: ReadonlyMap<string, number>): number {
  return [...map.values()].reduce((total, value) => total + value, 0);
}

function inSeconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
