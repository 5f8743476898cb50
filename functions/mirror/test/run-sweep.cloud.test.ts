import { until } from "@activity-events/testing/until";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { runMirror } from "../src/run-mirror.ts";
import { runSweep } from "../src/run-sweep.ts";
import { deploymentId, newEvents } from "./builders.ts";
import { type Cloud, openCloud } from "./open-cloud.ts";

let cloud: Cloud;

beforeEach(async () => {
  cloud = await openCloud({ sweepPageDeployments: 2 });
});
afterEach(() => cloud.close());

/** The cloud after this time. */
const after = (ms: number): Cloud => ({ ...cloud, clock: () => Date.now() + ms });
const poked = () => cloud.pokes.received.map(({ json }) => json.deploymentId);
const pending = async () =>
  (await cloud.store.readPending({ after: undefined, deploymentsMax: 100 })).map((one) => one.deploymentId);

test("pokes what is behind and stands still, over all pages, and mirrors nothing itself", async () => {
  for (const id of ["e", "d", "c", "b", "a"]) await cloud.append(id, newEvents(2));
  await runMirror(deploymentId("b"), cloud);

  expect(await runSweep(cloud)).toEqual({ kind: "complete" });
  expect(await runSweep(after(30_000))).toEqual({ kind: "complete" });

  await until(() => poked().length >= 4, "four are poked");
  expect(poked().sort()).toEqual(["a", "c", "d", "e"]);
  expect(cloud.lines.slice(-2)).toMatchObject([
    { message: "sweep", poked: 0, cleared: 0, left: 5 },
    { message: "sweep", poked: 4, cleared: 0, left: 1 },
  ]);
  expect((await cloud.store.readPosition(deploymentId("a"))).mirroredSequence).toBe(0);
});

test("clears the flag only of what is mirrored and quiet, and an append sets it again", async () => {
  for (const id of ["a", "b"]) await cloud.append(id, newEvents(2));
  await runMirror(deploymentId("a"), cloud);

  await runSweep(after(30_000));
  expect(await pending()).toEqual(["a", "b"]);
  await runSweep(after(301_000));
  expect(await pending()).toEqual(["b"]);
  await cloud.append("a", newEvents(1, 3));
  expect(await pending()).toEqual(["a", "b"]);
});

test("leaves the flag when an append comes between reading the head and clearing", async () => {
  await cloud.append("a", newEvents(2));
  await runMirror(deploymentId("a"), cloud);
  const readPosition: typeof cloud.store.readPosition = async (id) => {
    const position = await cloud.store.readPosition(id);
    await cloud.append("a", newEvents(1, 3));
    return position;
  };

  await runSweep({ ...after(301_000), store: { ...cloud.store, readPosition } });

  expect(await pending()).toEqual(["a"]);
});

test("goes on where the sweep before stopped", async () => {
  for (const id of ["a", "b", "c"]) await cloud.append(id, newEvents(1));
  const short = { ...after(31_000), limits: { ...cloud.limits, sweepTimeMs: 0 } };

  expect(await runSweep(short)).toEqual({ kind: "goes_on_next_time" });
  await until(() => poked().length >= 2, "two are poked");
  expect(await cloud.store.readSweepCursor()).toBe("b");
  expect(await runSweep(after(31_000))).toEqual({ kind: "complete" });

  await until(() => poked().length >= 3, "three are poked");
  expect(poked().sort()).toEqual(["a", "b", "c"]);
  expect(await cloud.store.readSweepCursor()).toBeUndefined();
});

test("settles all others though somebody has damaged one head's time and another one's position", async () => {
  for (const id of ["a", "b", "c"]) await cloud.append(id, newEvents(2));
  await cloud.patch("deployments/a", { create_time: { stringValue: "yesterday" } });
  await cloud.patch("mirrors/b", { mirrored_sequence: { stringValue: "two" } });

  expect(await runSweep(after(31_000))).toMatchObject({ kind: "failed", code: "SWEEP_INCOMPLETE" });

  await until(() => poked().length >= 2, "two are poked");
  expect(poked().sort()).toEqual(["a", "c"]);
  expect(cloud.lines).toContainEqual(expect.objectContaining({ code: "STORE_FAILED", deployment: "b" }));
});
