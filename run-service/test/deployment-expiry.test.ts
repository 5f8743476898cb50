import {
  type DeploymentId,
  type EventId,
  type EventStore,
  factsBeside,
  type NewEvent,
  newSalt,
  openEventStore,
  purgedType,
} from "@activity-events/event-store";
import { expect, test } from "@jest/globals";
import { DeploymentExpiry, type ExpiryMessage, type Purger } from "../src/application/deployment-expiry.ts";
import { Refusal } from "../src/application/refusal.ts";
import { Retention } from "../src/application/retention.ts";
import { contentCodec } from "../src/content-codec.ts";

const dayUs = 24 * 60 * 60 * 1_000_000;
const nowUs = 1_000 * dayUs;
const noAbort = new AbortController().signal;
const inTime = () => ({ deadlineMs: Date.now() + 30_000 });

let made = 0;

function eventOf(environment: string, type = "deployment.progress"): NewEvent {
  made += 1;
  const facts = { ...factsBeside({ type, severity: 200, labels: {} }), environment };
  const nothing = new Uint8Array();
  return { eventId: `e-${made}` as EventId, facts, content: nothing, stamp: nothing, salt: newSalt() };
}

/** A store with deployments of these ages, in days, by environment. */
async function storeOf(ages: Readonly<Record<string, readonly number[]>>): Promise<EventStore> {
  const store = await openEventStore({ store: "memory" }, contentCodec);
  for (const [environment, days] of Object.entries(ages)) {
    for (const [index, age] of days.entries()) {
      await store.append(
        {
          deploymentId: `${environment}-${index}` as DeploymentId,
          events: [eventOf(environment), eventOf(environment)],
          expected: { kind: "any" },
          receiveTimeUs: nowUs - age * dayUs,
        },
        inTime(),
      );
    }
  }
  return store;
}

/** Purges for good, unless the mirror is behind. */
function purgerOf(store: EventStore, isMirrored = true): Purger {
  return {
    begin: async (deploymentId) => {
      const notice = eventOf("", purgedType);
      await store.beginPurge({ deploymentId, notice, receiveTimeUs: nowUs }, inTime());
    },
    finish: async (deploymentId) => (isMirrored ? (await store.purgeSome(deploymentId, inTime())).events : undefined),
  };
}

interface Expiry {
  readonly store: EventStore;
  readonly purger?: Purger;
  readonly request?: Partial<Parameters<DeploymentExpiry["expire"]>[0]>;
}

async function expire({ store, purger = purgerOf(store), request = {} }: Expiry): Promise<ExpiryMessage[]> {
  const retention = new Retention(
    new Map([
      ["prod", 100],
      ["dev", 7],
    ]),
  );
  const expiry = new DeploymentExpiry({ store, purger, retention: () => retention, clock: () => nowUs });
  const asked = { dryRun: false, anyShare: false, mayPurge: () => true, ...request };
  const messages: ExpiryMessage[] = [];
  for await (const message of expiry.expire(asked, noAbort)) messages.push(message);
  return messages;
}

const idsOf = (messages: readonly ExpiryMessage[]) =>
  messages.flatMap((message) => (message.kind === "deployment" ? [message.head.deploymentId] : []));

async function listed(store: EventStore, hidden = false): Promise<readonly string[]> {
  const filter = { environment: "", service: "", state: undefined };
  const { deployments } = await store.readDeployments({ cursor: undefined, filter, deploymentsMax: 1_000, hidden });
  return deployments.map(({ deploymentId }) => deploymentId).sort();
}

test("what is over goes, by its environment, and the rest stays", async () => {
  const store = await storeOf({ prod: [99, 101], dev: [6, 8], other: [900], fresh: Array(15).fill(1) });

  const messages = await expire({ store });

  expect(idsOf(messages).sort()).toEqual(["dev-1", "prod-1"]);
  expect(messages.at(-1)).toEqual({
    kind: "summary",
    deployments: 20,
    deploymentsOver: 2,
    deploymentsPurged: 2,
    eventsPurged: 6,
  });
  expect(await listed(store)).toHaveLength(18);
  expect(await store.readDeployment("prod-1" as DeploymentId)).toMatchObject({ standing: "purged" });
});

test("a dry run names the same, and purges nothing", async () => {
  const store = await storeOf({ dev: [8, 8, 1] });

  const messages = await expire({ store, request: { dryRun: true } });

  expect(idsOf(messages).sort()).toEqual(["dev-0", "dev-1"]);
  expect(messages.at(-1)).toMatchObject({ deploymentsOver: 2, deploymentsPurged: 2, eventsPurged: 4 });
  expect(await listed(store)).toHaveLength(3);
});

test("deleted deployments expire too", async () => {
  const store = await storeOf({ dev: [8], fresh: Array(9).fill(1) });
  await store.hideDeployment("dev-0" as DeploymentId, true, inTime());

  expect(idsOf(await expire({ store }))).toEqual(["dev-0"]);
});

test("more than a tenth is refused, unless it is said, and nothing of it goes", async () => {
  const store = await storeOf({ dev: [8, 8], fresh: Array(8).fill(1) });

  const refused = expire({ store });
  await expect(refused).rejects.toThrow(Refusal);
  await expect(refused).rejects.toMatchObject({
    reason: "RETENTION_SHARE",
    metadata: { deployments: "10", deployments_over: "2", deployments_max: "1" },
  });
  expect(await listed(store)).toHaveLength(10);

  expect(idsOf(await expire({ store, request: { anyShare: true } }))).toHaveLength(2);
});

test("a clock that is a year ahead eats nothing", async () => {
  const store = await storeOf({ dev: Array(50).fill(366), prod: Array(50).fill(366) });

  await expect(expire({ store })).rejects.toMatchObject({ reason: "RETENTION_SHARE" });
  expect(await listed(store)).toHaveLength(100);
});

test("a purge that has begun goes on, whatever its age, and counts for no share", async () => {
  const store = await storeOf({ dev: [1, 1, 1, 8] });
  for (const id of ["dev-0", "dev-1"]) await purgerOf(store).begin(id as DeploymentId, noAbort);

  expect(idsOf(await expire({ store })).sort()).toEqual(["dev-0", "dev-1", "dev-3"]);
  expect(await listed(store)).toEqual(["dev-2"]);
});

test("what the mirror has not published waits for another time", async () => {
  const store = await storeOf({ dev: [8], fresh: Array(9).fill(1) });

  const messages = await expire({ store, purger: purgerOf(store, false) });

  expect(messages).toMatchObject([
    { kind: "deployment", waitsForMirror: true, eventsPurged: 0 },
    { kind: "summary", deploymentsOver: 1, deploymentsPurged: 0, eventsPurged: 0 },
  ]);
  expect(await listed(store)).toHaveLength(9);
  expect(idsOf(await expire({ store }))).toEqual(["dev-0"]);
});

test("whoever may purge some is told of these alone", async () => {
  const store = await storeOf({ dev: [8, 8], fresh: Array(8).fill(1) });

  const messages = await expire({ store, request: { mayPurge: (id) => id === "dev-0" } });

  expect(idsOf(messages)).toEqual(["dev-0"]);
  expect(messages.at(-1)).toMatchObject({ deployments: 1, deploymentsOver: 1 });
});

test("thousands of deployments go page by page", async () => {
  const store = await storeOf({ dev: Array(350).fill(8), fresh: Array(20).fill(1) });

  expect(idsOf(await expire({ store, request: { anyShare: true } }))).toHaveLength(350);
  expect(await listed(store)).toHaveLength(20);
});
