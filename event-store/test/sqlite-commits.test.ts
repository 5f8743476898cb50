import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { append, codec, deploymentId, encode, newEvent, newEvents } from "../contract/builders.ts";
import { limits } from "../src/limits.ts";
import { openSqliteStore } from "../src/sqlite/store.ts";
import { sqlitePlace } from "./sqlite-place.ts";

let place: Awaited<ReturnType<typeof sqlitePlace>>;
beforeEach(async () => {
  place = await sqlitePlace((file) => openSqliteStore({ file, codec }));
});
afterEach(() => place.remove());

/** Appends three events of these bytes at once; the caller of the third gives up as soon as the first is stored. */
async function appendThree(contentBytes: number) {
  const store = await place.open();
  const content = encode({ message: "x".repeat(contentBytes) });
  const giveUp = new AbortController();
  const appendTo = (id: string, signal?: AbortSignal) =>
    store.append(
      {
        deploymentId: deploymentId(id),
        events: [newEvent({ content })],
        expected: { kind: "any" },
        receiveTimeUs: 1,
      },
      { deadlineMs: Number.POSITIVE_INFINITY, ...(signal === undefined ? {} : { signal }) },
    );

  const appends = [appendTo("a").finally(() => giveUp.abort()), appendTo("b"), appendTo("c", giveUp.signal)];
  return (await Promise.allSettled(appends)).map(({ status }) => status);
}

test("stores in one commit what waits, as far as its bytes allow; the rest can still be given up", async () => {
  expect(await appendThree(limits.commitBytesMax * 0.6)).toEqual(["fulfilled", "fulfilled", "rejected"]);
});

test("stores in one commit what fits into one", async () => {
  expect(await appendThree(limits.commitBytesMax * 0.3)).toEqual(["fulfilled", "fulfilled", "fulfilled"]);
});

test("writes the heads of as many deployments as one commit has", async () => {
  const store = await place.open();
  const ids = Array.from({ length: 40 }, (_, index) => `d${index}`);
  const counts = ids.map((_, index) => 1 + (index % 3));

  await Promise.all(ids.map((id, index) => append(store, id, newEvents(counts[index] ?? 0))));
  await store.close();
  const opened = await place.open();

  const heads = await Promise.all(ids.map((id) => opened.readDeployment(deploymentId(id))));
  expect(heads.map((head) => head?.headSequence)).toEqual(counts);
  expect(await append(opened, "d20", newEvents(1))).toMatchObject([{ event: { sequence: 4 } }]);
});
