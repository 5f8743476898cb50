import { join } from "node:path";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { expect, test } from "@jest/globals";
import { codec, plainFacts } from "../contract/builders.ts";
import { AppendSeries, type DeploymentId, type EventId, type NewEvent, noSalt, openEventStore } from "../src/index.ts";

const facts: NewEvent["facts"] = plainFacts;

test("on SQLite a call is stored before what streams have waiting, and a stream's events in their order", async () => {
  using folder = temporaryFolder();
  const store = await openEventStore({ store: "sqlite", file: join(folder.path, "events.db") }, codec);
  const stored: string[] = [];
  const series = new AppendSeries();
  const append = (id: string, deploymentId: string, more: { readonly series?: AppendSeries }) => {
    const event = { eventId: id as EventId, facts, content: new Uint8Array(10), stamp: new Uint8Array(), salt: noSalt };
    return store
      .append(
        {
          deploymentId: deploymentId as DeploymentId,
          events: [event],
          expected: { kind: "any" },
          receiveTimeUs: 1,
        },
        { deadlineMs: Number.POSITIVE_INFINITY, ...more },
      )
      .then(() => stored.push(id));
  };

  const poured = Array.from({ length: 20_000 }, (_, index) => append(`${index}`, "poured", { series }));
  await Promise.resolve();
  const calls = ["a", "b"].map((id) => append(id, "called", {}));
  await Promise.all(calls);
  const before = stored.length;
  await Promise.all(poured);
  await store.close();

  expect(stored.filter((id) => id === "a" || id === "b")).toEqual(["a", "b"]);
  // No more than the commit under way and the one that the calls are in.
  expect(before).toBeLessThanOrEqual(10_002);
  expect(stored.filter((id) => id !== "a" && id !== "b")).toEqual(
    Array.from({ length: 20_000 }, (_, index) => `${index}`),
  );
});
