import { closeAll, startCloud } from "@activity-events/testing/cloud-stack";
import { disconnectAll } from "@activity-events/testing/contract-client";
import { seededRandom } from "@activity-events/testing/seeded-random";
import { until } from "@activity-events/testing/until";
import { afterEach, expect, test } from "@jest/globals";
import { readMirrored } from "./firestore-documents.ts";
import { placesOf, readAllStored, SpreadWriters } from "./spread-writers.ts";
import { pubsubRequest, pubsubUrl, TopicSubscriber } from "./topic-subscriber.ts";

// All that the issue asks for is EVENTS=5000; by default as many as are written in a few seconds.
const eventsTotal = Number(process.env.EVENTS || 600);
const deployments = 10;

afterEach(async () => {
  disconnectAll();
  await closeAll();
});

test(
  "advances over nothing and makes no tombstone while the topic is deleted under load, and goes on where it was when it is back",
  async () => {
    const random = seededRandom("topic-deleted");
    const cloud = await startCloud();
    const { projectId, addresses, eventsTopic: topic } = cloud;
    const before = await TopicSubscriber.open({ projectId, topic });
    const writers = new SpreadWriters({ addresses, writers: 8, eventsTotal, deployments, random });
    await writers.reach(random.between(eventsTotal / 4, eventsTotal / 2));
    await until(() => before.takenTotal > 0, "the mirror is at work");

    const topicUrl = pubsubUrl(`projects/${projectId}/topics/${topic}`);
    await pubsubRequest(topicUrl, { method: "DELETE" });
    // A run that had published when the topic went may still advance; each fails at its next publish.
    await until(() => failedRuns() > 2 * deployments, "runs fail");
    const mirroredFirst = await readMirrored(projectId);
    await writers.done;
    const failedFirst = failedRuns();
    await until(() => failedRuns() > failedFirst + deployments, "runs fail when all is written, too");
    // What is published between the topic's and the subscription's creation would arrive nowhere.
    await cloud.mirror.kill();
    const mirrored = await readMirrored(projectId);
    await pubsubRequest(topicUrl, { method: "PUT", body: "{}" });
    const after = await TopicSubscriber.open({ projectId, topic });
    await cloud.mirror.restart();
    const missed = eventsTotal - sum(mirrored);
    await until(() => after.takenTotal >= missed, "all that was missed arrives");

    process.stderr.write(
      `topic-deleted: ${eventsTotal} events, ${sum(mirrored)} of them mirrored when the topic was deleted; ${failedRuns()} runs failed; ${after.takenTotal} events arrived at the new subscription, ${after.repeated} of them again\n`,
    );
    expect(mirrored).toEqual(mirroredFirst);
    const stored = await readAllStored(addresses[0] ?? "", writers.deploymentIds);
    expect([...stored.values()].flat()).toHaveLength(eventsTotal);
    expect(placesOf(stored)).toEqual(writers.acknowledged);
    for (const [deploymentId, events] of stored) {
      const ids = events.map(({ eventId }) => eventId);
      const position = mirrored.get(deploymentId) ?? 0;
      expect(idsOf(before, deploymentId)).toEqual(ids.slice(0, position));
      expect(idsOf(after, deploymentId)).toEqual(ids.slice(position));
    }
    const arrivals = [...before.arrivals, ...after.arrivals];
    expect(arrivals.filter(({ isTombstone }) => isTombstone)).toEqual([]);
    expect(before.gaps).toEqual([]);
    expect(cloud.deaths).toEqual([]);
    // The test is about nothing if everything had been mirrored.
    expect(missed).toBeGreaterThan(0);

    function failedRuns(): number {
      return cloud.log.filter(({ message, end }) => message === "mirror run" && end === "failed").length;
    }
  },
  300_000 + eventsTotal * 100,
);

function idsOf(subscriber: TopicSubscriber, deploymentId: string): readonly string[] {
  return subscriber.taken.get(deploymentId)?.map(({ id }) => id) ?? [];
}

function sum(map: ReadonlyMap<string, number>): number {
  return [...map.values()].reduce((total, value) => total + value, 0);
}
