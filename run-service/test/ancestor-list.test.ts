import type { EventStore, StoredEvent } from "@activity-events/event-store";
import { ActivityEvents } from "@activity-events/proto/activityevents/activity_events_pb.js";
import { ActivityEventsService } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { describe, expect, test } from "@jest/globals";
import { type EmbeddedService, embedService } from "./embed-service.ts";
import { newDeploymentId } from "./new-event.ts";
import { refusalOf } from "./read-refusal.ts";
import { stores } from "./start-service.ts";

const { createEvent, listEvents } = ActivityEvents.method;
const v1 = ActivityEventsService.method;
const int32Min = -(2 ** 31);

/** A store that keeps no order of arrival, as Firestore; many pages of deployments, as there would be with thousands. */
const withoutArrivals = (store: EventStore): EventStore => ({
  ...store,
  traits: { ...store.traits, arrivalOrder: false },
  readDeployments: (request) => store.readDeployments({ ...request, deploymentsMax: 2 }),
  readArrivals: async () => {
    throw new Error("there is no order of arrival");
  },
});

/** A store whose content of these events, `deployment/sequence`, no decoder takes. */
function withDamage(store: EventStore, damaged: readonly string[]): EventStore {
  const read = (deploymentId: string, event: StoredEvent) =>
    damaged.includes(`${deploymentId}/${event.sequence}`) ? { ...event, content: new Uint8Array([0x0a, 0x7f]) } : event;
  return {
    ...store,
    readEvents: async (request) => {
      const page = await store.readEvents(request);
      return { ...page, events: page.events.map((event) => read(request.deploymentId, event)) };
    },
    readArrivals: async (request) => {
      const page = await store.readArrivals(request);
      return { ...page, arrivals: page.arrivals.map((it) => ({ ...it, event: read(it.deploymentId, it.event) })) };
    },
  };
}

const record = ({ client }: EmbeddedService, deploymentId: number, id: number, message = "x") =>
  client.call(createEvent, { id, deploymentId, message });

/** `deployment/id` of each event that a list gives. */
async function list({ client }: EmbeddedService, id: number): Promise<string[]> {
  const events = await client.stream(listEvents, { id }).rest();
  return events.map((event) => `${event.deploymentId}/${event.id}`);
}

/** What a list gives before it is refused, and the refusal. */
async function brokenList({ client }: EmbeddedService, id: number) {
  const given: string[] = [];
  const reader = client.stream(listEvents, { id });
  const read = async () => {
    for (;;) {
      const event = await reader.next();
      given.push(`${event.deploymentId}/${event.id}`);
    }
  };
  const refusal = await refusalOf(read());
  return { given, refusal };
}

const asItIs = (store: EventStore) => store;

describe.each([
  { name: "memory", store: "memory", around: asItIs },
  { name: "sqlite", store: "sqlite", around: asItIs },
  { name: "a store without an order of arrival", store: "sqlite", around: withoutArrivals },
] as const)("the ancestor's list with the id 0 on $name", ({ store, around }) => {
  const keepsArrivals = around === asItIs;

  test("streams the events of all deployments whose id is an int32, deployment 0 among them, each in sequence order", async () => {
    await using service = await embedService({ store, around });
    const foreign = ["07", "-0", "release-42", "2147483648", newDeploymentId()];
    for (const deploymentId of [...foreign, "5"]) {
      await service.client.call(v1.createEvent, { event: { deploymentId, eventId: "9", message: "x" } });
    }
    for (const id of [1, 2]) {
      for (const deploymentId of [0, -1, 5, int32Min]) await record(service, deploymentId, id);
    }

    const events = await list(service, 0);

    const ofArrival = ["5/9", "0/1", "-1/1", "5/1", `${int32Min}/1`, "0/2", "-1/2", "5/2", `${int32Min}/2`];
    if (keepsArrivals) expect(events).toEqual(ofArrival);
    else {
      expect([...events].sort()).toEqual([...ofArrival].sort());
      expect(events.filter((name) => name.startsWith("5/"))).toEqual(["5/9", "5/1", "5/2"]);
      const deployments = events.map((name) => name.split("/")[0]);
      expect(deployments.filter((id, index) => id !== deployments[index - 1])).toHaveLength(4);
    }
  });

  test("is empty, with OK, on an empty store", async () => {
    await using service = await embedService({ store, around });

    expect(await list(service, 0)).toEqual([]);
  });

  test("goes on over many pages", async () => {
    await using service = await embedService({ store, around });
    const message = "m".repeat(60_000);
    for (let id = 1; id <= 12; id += 1) await record(service, id % 5, id, message);

    const events = await list(service, 0);

    const all = Array.from({ length: 12 }, (_, index) => `${(index + 1) % 5}/${index + 1}`);
    expect(keepsArrivals ? events : [...events].sort()).toEqual(keepsArrivals ? all : [...all].sort());
  });

  test("gives all but the events that cannot be decoded, and ends with DATA_LOSS that names the first", async () => {
    await using service = await embedService({
      store,
      around: (opened) => around(withDamage(opened, ["5/2", "6/1"])),
    });
    for (const id of [1, 2, 3]) await record(service, 5, id);
    for (const id of [1, 2]) await record(service, 6, id);
    await record(service, 7, 1);

    const { given, refusal } = await brokenList(service, 0);

    expect([...given].sort()).toEqual(["5/1", "5/3", "6/2", "7/1"]);
    const first = keepsArrivals ? { deployment_id: "5", sequence: "2" } : { deployment_id: expect.any(String) };
    expect(refusal).toMatchObject({
      code: "DATA_LOSS",
      reason: "STORE_DAMAGED",
      metadata: { ...first, events_lost: "2" },
    });
  });
});

describe.each(stores)("the ancestor's list of one deployment on %s", (store) => {
  test("gives all but the event that cannot be decoded, and ends with DATA_LOSS that names it", async () => {
    await using service = await embedService({ store, around: (opened) => withDamage(opened, ["5/2"]) });
    for (const id of [1, 2, 3]) await record(service, 5, id);
    await record(service, 6, 1);

    const { given, refusal } = await brokenList(service, 5);

    expect(given).toEqual(["5/1", "5/3"]);
    expect(refusal).toMatchObject({
      code: "DATA_LOSS",
      reason: "STORE_DAMAGED",
      metadata: { deployment_id: "5", sequence: "2", events_lost: "1" },
    });
    expect(await list(service, 6)).toEqual(["6/1"]);
  });

  test("tells of events that are gone, in the middle and at the end, when it has given the others", async () => {
    await using service = await embedService({
      store,
      around: (opened) => ({
        ...opened,
        readEvents: async (request) => {
          const page = await opened.readEvents(request);
          return { ...page, events: page.events.filter(({ sequence }) => ![2, 3, 5].includes(sequence)) };
        },
      }),
    });
    for (const id of [1, 2, 3, 4, 5]) await record(service, 5, id);

    const { given, refusal } = await brokenList(service, 5);

    expect(given).toEqual(["5/1", "5/4"]);
    expect(refusal).toMatchObject({
      code: "DATA_LOSS",
      metadata: { deployment_id: "5", sequence: "2", events_lost: "3" },
    });
  });
});

test("a list of a deployment whose head counts events without end tells how many are gone", async () => {
  const headSequence = 9_000_000_000_000_000;
  await using service = await embedService({
    around: (store) => ({
      ...store,
      readDeployment: async (deploymentId) => {
        const head = await store.readDeployment(deploymentId);
        return head && { ...head, headSequence };
      },
    }),
  });
  for (const id of [1, 2]) await record(service, 5, id);

  const { given, refusal } = await brokenList(service, 5);

  expect(given).toEqual(["5/1", "5/2"]);
  expect(refusal).toMatchObject({
    code: "DATA_LOSS",
    metadata: { deployment_id: "5", sequence: "3", events_lost: `${headSequence - 2}` },
  });
});

test.each([5, 0])("a list with the id %i ends, though events keep arriving while it runs", async (id) => {
  let lists = 0;
  await using service = await embedService({
    around: (store) => {
      // Each page is followed by more events than it held.
      const grow = async () => {
        lists += 1;
        if (lists > 20) throw new Error("the list goes on for ever");
        for (let left = 6; left > 0; left -= 1) await record(service, 5, 1_000 * lists + left, "m".repeat(60_000));
      };
      const around =
        <Request, Page>(read: (request: Request) => Promise<Page>) =>
        async (request: Request) => {
          const page = await read(request);
          await grow();
          return page;
        };
      return { ...store, readEvents: around(store.readEvents), readArrivals: around(store.readArrivals) };
    },
  });
  for (let event = 1; event <= 9; event += 1) await record(service, 5, event, "m".repeat(60_000));

  const events = await list(service, id);

  expect(events).toEqual(Array.from({ length: 9 }, (_, index) => `5/${index + 1}`));
});

test("answers a duplicate whose stored form cannot be decoded with DATA_LOSS, and a fresh event by itself", async () => {
  await using service = await embedService({
    around: (store) => ({
      ...store,
      append: async (append, options) => {
        const appended = await store.append(append, options);
        // What a damaged disk would give back, of whatever was stored.
        return appended.map((it) => ({ ...it, event: { ...it.event, stamp: new Uint8Array([0x0a, 0x7f]) } }));
      },
    }),
  });

  const answer = await record(service, 5, 1);
  const refusal = await refusalOf(record(service, 5, 1));

  expect(answer).toMatchObject({ id: 1, success: true });
  expect(refusal).toMatchObject({ code: "DATA_LOSS", metadata: { deployment_id: "5", sequence: "1" } });
});
