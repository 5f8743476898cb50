import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { append, codec, newEvent } from "../contract/builders.ts";
import { type DeploymentPage, type EventStore, limits } from "../src/index.ts";
import { openSqliteStore } from "../src/sqlite/store.ts";
import { sqlitePlace } from "./sqlite-place.ts";

let place: Awaited<ReturnType<typeof sqlitePlace>>;
let store: EventStore;
beforeEach(async () => {
  place = await sqlitePlace((file) => openSqliteStore({ file, codec }));
  store = await place.open();
});
afterEach(() => place.remove());

async function createDeployments(count: number, environment: string, receiveTimeUs: number): Promise<void> {
  const ids = Array.from({ length: count }, (_, index) => `${environment}-${index}`);
  await Promise.all(ids.map((id) => append(store, id, [newEvent({ environment })], { receiveTimeUs })));
}

const list = (cursor: DeploymentPage["next"], deploymentsMax = 10) =>
  store.readDeployments({ cursor, filter: { environment: "rare", service: "", state: undefined }, deploymentsMax });

test("a list under a filter looks at a bounded number of deployments, and leads on behind them", async () => {
  await createDeployments(2, "rare", 1);
  await createDeployments(limits.pageScanMax + 1, "frequent", 2);

  const first = await list(undefined);
  const second = await list(first.next);

  expect(first.deployments).toEqual([]);
  expect(first.next).toMatchObject({ createTimeUs: 2 });
  expect(second.deployments.map((head) => head.deploymentId)).toEqual(["rare-1", "rare-0"]);
  expect(second.next).toBeUndefined();
});

test("a list under a filter ends where as many deployments as are looked at are all that there are", async () => {
  await createDeployments(limits.pageScanMax - 1, "frequent", 2);
  await createDeployments(1, "rare", 1);

  const page = await list(undefined);

  expect(page.deployments.map((head) => head.deploymentId)).toEqual(["rare-0"]);
  expect(page.next).toBeUndefined();
});
