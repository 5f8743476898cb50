import type { EventStore } from "@activity-events/event-store";
import { ActivityEventsAdminService } from "@activity-events/proto/activityevents/v1/activity_events_admin_service_pb.js";
import { ActivityEventsService } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { DeploymentStanding } from "@activity-events/proto/activityevents/v1/deployment_pb.js";
import { describe, expect, test } from "@jest/globals";
import { noPoker } from "../src/application/poker.ts";
import { type EmbeddedService, embedService } from "./embed-service.ts";
import { newDeploymentId, newEvents } from "./new-event.ts";
import { refusalOf } from "./read-refusal.ts";

const { purgeDeployment } = ActivityEventsAdminService.method;
const { batchCreateEvents, createEvent, getDeployment } = ActivityEventsService.method;
const adminToken = "the-admin-token";
const headers = { authorization: `Bearer ${adminToken}` };

/** A store with a mirror that has yet to publish so many events. */
function mirrored(store: EventStore, mirror: { unmirrored: number }): EventStore {
  return { ...store, unmirroredEvents: async () => mirror.unmirrored };
}

const shared = (store: EventStore): EventStore => ({ ...store, traits: { ...store.traits, shared: true } });

async function recorded({ client }: EmbeddedService, count: number): Promise<string> {
  const deploymentId = newDeploymentId();
  const events = newEvents(deploymentId, count);
  for (let at = 0; at < count; at += 500) {
    await client.call(batchCreateEvents, { deploymentId, events: events.slice(at, at + 500) });
  }
  return deploymentId;
}

describe("PurgeDeployment where there is a mirror", () => {
  test("waits for it, wakes it meanwhile, and then removes the events", async () => {
    const mirror = { unmirrored: 2 };
    const pokes: string[] = [];
    const poker = {
      ...noPoker,
      poke: (deploymentId: string) => {
        pokes.push(deploymentId);
        // The recorded events, the notice, and one more look.
        if (pokes.length >= 3) mirror.unmirrored -= 1;
      },
    };
    await using service = await embedService({ adminToken, poker, around: (store) => mirrored(store, mirror) });
    const deploymentId = await recorded(service, 2);

    const purged = await service.client.call(purgeDeployment, { deploymentId }, { headers });

    expect(purged).toMatchObject({ eventsPurged: 3n });
    expect(pokes).toEqual(Array(4).fill(deploymentId));
  });

  test("says shortly before time is up that it is behind, and goes on when it is repeated", async () => {
    const mirror = { unmirrored: 3 };
    await using service = await embedService({ adminToken, around: (store) => mirrored(store, mirror) });
    const deploymentId = await recorded(service, 2);
    const purge = (timeoutMs: number) => service.client.call(purgeDeployment, { deploymentId }, { headers, timeoutMs });

    const refused = await refusalOf(purge(2_000));
    const marked = await refusalOf(service.client.call(getDeployment, { deploymentId }));
    mirror.unmirrored = 0;
    const purged = await purge(10_000);

    expect(refused).toMatchObject({
      ...{ code: "UNAVAILABLE", reason: "MIRROR_BEHIND", retryDelayMs: 5_000 },
      metadata: { deployment_id: deploymentId, unmirrored_events: "3" },
    });
    expect(marked.reason).toBe("DEPLOYMENT_PURGED");
    expect(purged).toMatchObject({
      eventsPurged: 3n,
      alreadyPurged: false,
      deployment: { headSequence: 3n, edits: 1n },
    });
  });

  test("does not wait by force", async () => {
    await using service = await embedService({
      adminToken,
      around: (store) => mirrored(store, { unmirrored: 3 }),
    });
    const deploymentId = await recorded(service, 2);

    const purged = await service.client.call(purgeDeployment, { deploymentId, force: true }, { headers });

    expect(purged).toMatchObject({ eventsPurged: 3n });
  });
});

test("PurgeDeployment needs the operator's word where instances share the store", async () => {
  await using service = await embedService({ adminToken, around: shared });
  const deploymentId = await recorded(service, 1);
  const purge = (noOlderInstances: boolean, dryRun = false) =>
    service.client.call(purgeDeployment, { deploymentId, noOlderInstances, dryRun }, { headers });

  for (const dryRun of [true, false]) {
    expect(await refusalOf(purge(false, dryRun))).toMatchObject({
      ...{ code: "FAILED_PRECONDITION", reason: "OLDER_INSTANCES", metadata: { deployment_id: deploymentId } },
    });
  }
  expect((await service.client.call(getDeployment, { deploymentId })).deployment?.headSequence).toBe(1n);
  expect(await purge(true)).toMatchObject({ eventsPurged: 2n });
  // There is nothing left to do, which needs no word.
  expect(await purge(false)).toMatchObject({ alreadyPurged: true });
});

test("PurgeDeployment removes thousands of events in steps, between which others are recorded", async () => {
  let steps = 0;
  let recordedMeanwhile = 0;
  let between = async () => {};
  await using service = await embedService({
    adminToken,
    around: (store) => ({
      ...store,
      purgeSome: async (deploymentId, options) => {
        const purged = await store.purgeSome(deploymentId, options);
        steps += 1;
        await between();
        return purged;
      },
    }),
  });
  const deploymentId = await recorded(service, 2_500);
  between = async () => {
    await service.client.call(createEvent, { event: { deploymentId: newDeploymentId(), message: "meanwhile" } });
    recordedMeanwhile += 1;
  };

  const purged = await service.client.call(purgeDeployment, { deploymentId }, { headers });

  expect(purged).toMatchObject({ eventsPurged: 2_501n, deployment: { standing: DeploymentStanding.PURGED } });
  expect([steps, recordedMeanwhile]).toEqual([3, 3]);
});

test("PurgeDeployment goes on where an earlier call has ended", async () => {
  let failures = 1;
  await using service = await embedService({
    adminToken,
    around: (store) => ({
      ...store,
      purgeSome: async (deploymentId, options) => {
        const purged = await store.purgeSome(deploymentId, options);
        failures -= 1;
        if (failures === 0) throw new Error("the connection broke");
        return purged;
      },
    }),
  });
  const deploymentId = await recorded(service, 1_500);
  const purge = () => service.client.call(purgeDeployment, { deploymentId }, { headers });

  expect(await refusalOf(purge())).toMatchObject({ code: "INTERNAL" });
  expect(await purge()).toMatchObject({ eventsPurged: 501n, alreadyPurged: false, deployment: { edits: 1n } });
  expect(await purge()).toMatchObject({ eventsPurged: 0n, alreadyPurged: true });
});
