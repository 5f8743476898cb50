import {
  type DeploymentId,
  type EventId,
  type EventStore,
  factsBeside,
  type NewEvent,
  newSalt,
  openEventStore,
} from "@activity-events/event-store";
import { describe, expect, test } from "@jest/globals";
import { DeploymentEditor } from "../src/application/deployment-editor.ts";
import { DeploymentExpiry, type ExpiryMessage, type ExpiryRequest } from "../src/application/deployment-expiry.ts";
import { noPoker } from "../src/application/poker.ts";
import { Refusal } from "../src/application/refusal.ts";
import { Retention } from "../src/application/retention.ts";
import { contentCodec } from "../src/content-codec.ts";
import { editCodec } from "../src/grpc/codec/edit-codec.ts";

const dayUs = 24 * 60 * 60 * 1_000_000;
const nowUs = 1_000 * dayUs;
const inTime = () => ({ deadlineMs: Date.now() + 30_000 });

let made = 0;

function eventOf(environment: string): NewEvent {
  made += 1;
  const facts = { ...factsBeside({ type: "deployment.progress", severity: 200, labels: {} }), environment };
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

interface Expiry {
  readonly store: EventStore;
  readonly signal?: AbortSignal;
  readonly request?: Partial<ExpiryRequest>;
}

const call = { callerDeadlineMs: Number.POSITIVE_INFINITY, signal: new AbortController().signal };

const editorOf = (store: EventStore) =>
  new DeploymentEditor({ store, poker: noPoker, codec: editCodec, onEdited: () => {} });

async function expire({ store, request = {}, signal = call.signal }: Expiry): Promise<ExpiryMessage[]> {
  const retention = new Retention(
    new Map([
      ["prod", 100],
      ["dev", 7],
    ]),
  );
  const editor = editorOf(store);
  const expiry = new DeploymentExpiry({
    store,
    editor,
    retention: () => retention,
    clock: () => nowUs,
    mirrorTimeMs: 0,
  });
  const asked = { dryRun: false, anyShare: false, mayPurge: () => true, noOlderInstances: false, principal: "" };
  const messages: ExpiryMessage[] = [];
  for await (const message of expiry.expire({ ...asked, ...request }, { ...call, signal })) messages.push(message);
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
  expect(messages.at(-1)).toMatchObject({ deploymentsOver: 2, deploymentsPurged: 2, eventsPurged: 6 });
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
  for (const id of ["dev-0", "dev-1"]) {
    const purge = { deploymentId: id as DeploymentId, reason: "", principal: "", receiveTimeUs: nowUs };
    await editorOf(store).beginPurge(purge, call);
  }

  expect(idsOf(await expire({ store })).sort()).toEqual(["dev-0", "dev-1", "dev-3"]);
  expect(await listed(store)).toEqual(["dev-2"]);
});

test("what the mirror has not published waits for another time", async () => {
  const store = await storeOf({ dev: [8], fresh: Array(9).fill(1) });

  const messages = await expire({ store: { ...store, unmirroredEvents: async () => 1 } });

  expect(messages).toMatchObject([
    { kind: "deployment", waitsForMirror: true, eventsPurged: 0 },
    { kind: "summary", deploymentsOver: 1, deploymentsPurged: 0, eventsPurged: 0 },
  ]);
  expect(await listed(store)).toHaveLength(9);
  expect(idsOf(await expire({ store }))).toEqual(["dev-0"]);
});

test("a store that instances share needs the word that none is older, but not to look", async () => {
  const store = await storeOf({ dev: [8], fresh: Array(9).fill(1) });
  const shared = { ...store, traits: { ...store.traits, shared: true } };

  await expect(expire({ store: shared })).rejects.toMatchObject({ reason: "OLDER_INSTANCES" });
  expect(idsOf(await expire({ store: shared, request: { dryRun: true } }))).toEqual(["dev-0"]);
  expect(idsOf(await expire({ store: shared, request: { noOlderInstances: true } }))).toEqual(["dev-0"]);
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

describe("the store's files are emptied", () => {
  /** A store whose edits are noted, and that fails, or has the caller leave, after so many purges. */
  function noted(
    store: EventStore,
    { after, onReached }: { readonly after?: number; readonly onReached?: () => void } = {},
  ) {
    const edits: string[] = [];
    const noting: EventStore = {
      ...store,
      purgeSome: async (deploymentId, options) => {
        const purged = await store.purgeSome(deploymentId, options);
        edits.push(options.emptyLater ? "purged" : "purged and emptied");
        if (edits.length === after) onReached?.();
        return purged;
      },
      finishEmptying: async (options) => {
        await store.finishEmptying(options);
        edits.push("emptied");
      },
    };
    return { store: noting, edits };
  }

  test("once after each page of deployments, and not where nothing is over", async () => {
    const { store, edits } = noted(await storeOf({ dev: Array(150).fill(8), fresh: Array(150).fill(1) }));

    await expire({ store, request: { dryRun: true, anyShare: true } });
    expect(edits).toEqual([]);
    await expire({ store, request: { anyShare: true } });

    expect(edits.filter((edit) => edit === "purged")).toHaveLength(150);
    expect(edits.filter((edit) => edit !== "purged")).toEqual(["emptied", "emptied"]);
    expect(edits.at(-1)).toBe("emptied");
  });

  test("also when a purge fails, or the caller leaves", async () => {
    const failure = () => {
      throw new Error("the disk broke");
    };
    const failing = noted(await storeOf({ dev: Array(5).fill(8) }), { after: 3, onReached: failure });
    const leaving = new AbortController();
    const left = noted(await storeOf({ dev: Array(5).fill(8) }), { after: 3, onReached: () => leaving.abort() });
    const request = { anyShare: true };

    await expect(expire({ store: failing.store, request })).rejects.toThrow(Refusal);
    await expire({ store: left.store, request, signal: leaving.signal });

    for (const { edits } of [failing, left]) expect(edits).toEqual(["purged", "purged", "purged", "emptied"]);
  });
});
