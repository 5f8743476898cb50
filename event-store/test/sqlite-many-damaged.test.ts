import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { append, codec, newEvents } from "../contract/builders.ts";
import { limits } from "../src/index.ts";
import { openSqliteStore } from "../src/sqlite/store.ts";
import { sqlitePlace } from "./sqlite-place.ts";

let place: Awaited<ReturnType<typeof sqlitePlace>>;
beforeEach(async () => {
  place = await sqlitePlace((file) => openSqliteStore({ file, codec }));
});
afterEach(() => place.remove());

test("appends to nothing once more deployments are damaged than it remembers, and goes on when they are mended", async () => {
  const shell = (sql: string) => {
    using database = new DatabaseSync(place.file);
    database.exec(sql);
  };
  const before = await place.open();
  const ids = Array.from({ length: limits.sqliteDamagedDeploymentsMax + 1 }, (_, index) => `d${index}`);
  const appendTo = (of: readonly string[], store: typeof before) =>
    Promise.allSettled(of.map((id) => append(store, id, newEvents(1))));
  for (let at = 0; at < ids.length; at += 2_000) await appendTo(ids.slice(at, at + 2_000), before);
  await append(before, "whole", newEvents(1));
  await before.close();
  shell("UPDATE heads SET update_time_us = update_time_us + 1 WHERE deployment < (SELECT max(deployment) FROM heads)");
  const store = await place.open();
  const [last = "", ...others] = ids.reverse();

  const damaged = await appendTo(others.slice(0, -1), store);
  expect(await append(store, "whole", newEvents(1))).toMatchObject([{ event: { sequence: 2 } }]);
  damaged.push(...(await appendTo([others.at(-1) ?? ""], store)));
  const refused = await appendTo(["whole", "new", last], store);
  shell("UPDATE heads SET update_time_us = update_time_us - 1 WHERE deployment < (SELECT max(deployment) FROM heads)");
  const mended = await appendTo(["whole", last], store);

  const fault = { status: "rejected", reason: { reason: "STORE_DAMAGED" } };
  expect(damaged).toEqual(damaged.map(() => expect.objectContaining({ status: "rejected" })));
  expect(refused).toMatchObject([fault, fault, fault]);
  expect(mended).toMatchObject([{ status: "fulfilled" }, { status: "fulfilled" }]);
});
