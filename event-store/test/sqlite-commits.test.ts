import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { deploymentId, differingFields, encode, newEvent } from "../contract/builders.ts";
import { limits } from "../src/limits.ts";
import { openSqliteStore } from "../src/sqlite/store.ts";
import { sqlitePlace } from "./sqlite-place.ts";

let place: Awaited<ReturnType<typeof sqlitePlace>>;
beforeEach(async () => {
  place = await sqlitePlace((file) => openSqliteStore({ file, differingFields }));
});
afterEach(() => place.remove());

/** Appends three events of these bytes at once; the caller of the third gives up as soon as the first is stored. */
async function appendThree(contentBytes: number) {
  const store = await place.open();
  const content = encode({ message: "x".repeat(contentBytes) });
  const giveUp = new AbortController();
  const append = (id: string, signal?: AbortSignal) =>
    store.append(
      {
        deploymentId: deploymentId(id),
        events: [newEvent({ content })],
        expected: { kind: "any" },
        receiveTimeUs: 1,
      },
      { deadlineMs: Number.POSITIVE_INFINITY, ...(signal === undefined ? {} : { signal }) },
    );

  const appends = [append("a").finally(() => giveUp.abort()), append("b"), append("c", giveUp.signal)];
  return (await Promise.allSettled(appends)).map(({ status }) => status);
}

test("stores in one commit what waits, as far as its bytes allow; the rest can still be given up", async () => {
  expect(await appendThree(limits.commitBytesMax * 0.6)).toEqual(["fulfilled", "fulfilled", "rejected"]);
});

test("stores in one commit what fits into one", async () => {
  expect(await appendThree(limits.commitBytesMax * 0.3)).toEqual(["fulfilled", "fulfilled", "fulfilled"]);
});
