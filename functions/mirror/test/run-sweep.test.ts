import { StoreFaultError } from "@activity-events/event-store";
import { expect, test } from "@jest/globals";
import { runMirror } from "../src/run-mirror.ts";
import { runSweep } from "../src/run-sweep.ts";
import { deploymentId } from "./builders.ts";
import { openMemory, preceded } from "./open-memory.ts";

const [a, b, c] = [deploymentId("a"), deploymentId("b"), deploymentId("c")];

test("pokes what is behind once its position has stood still for 30 s", async () => {
  const memory = openMemory();
  memory.store.append(a);
  await runMirror(a, memory);
  memory.store.append(a);

  memory.pass(29_999);
  await runSweep(memory);
  expect(memory.poked()).toEqual([]);
  memory.pass(1);
  expect(await runSweep(memory)).toEqual({ kind: "complete" });
  expect(memory.poked()).toEqual(["a"]);
  expect(memory.mirrored()).toEqual(["1"]);
});

test("takes a position that is missing for moved when the head was created, however busy the deployment", async () => {
  const memory = openMemory();
  memory.store.append(a);
  memory.pass(30_000);
  memory.store.append(a);
  memory.store.append(b);

  await runSweep(memory);

  expect(memory.poked()).toEqual(["a"]);
});

test("clears the flag of what is mirrored once its head has been quiet for five minutes", async () => {
  const memory = openMemory();
  memory.store.append(a);
  await runMirror(a, memory);

  memory.pass(299_999);
  await runSweep(memory);
  expect([...memory.store.pending.keys()]).toEqual(["a"]);
  memory.pass(1);
  await runSweep(memory);
  expect([...memory.store.pending.keys()]).toEqual([]);
});

test("leaves the flag when an append comes between reading the head and clearing", async () => {
  const memory = openMemory();
  memory.store.append(a);
  await runMirror(a, memory);
  memory.pass(300_000);
  const readPosition = preceded(memory.store.readPosition, () => memory.store.append(a));

  await runSweep({ ...memory, store: { ...memory.store, readPosition } });

  expect(memory.lines.at(-1)).toMatchObject({ message: "sweep", cleared: 0, left: 1 });
  expect([...memory.store.pending.keys()]).toEqual(["a"]);
});

test("goes on with the others when one fails, and fails then", async () => {
  const memory = openMemory();
  for (const id of [a, b, c]) memory.store.append(id);
  memory.pass(60_000);
  const unavailable = new StoreFaultError("STORE_UNAVAILABLE", "Firestore did not answer");
  const readPosition = (id: typeof a) => (id === b ? Promise.reject(unavailable) : memory.store.readPosition(id));

  const end = await runSweep({ ...memory, store: { ...memory.store, readPosition } });

  expect(end).toMatchObject({ kind: "failed", code: "SWEEP_INCOMPLETE" });
  expect(memory.poked()).toEqual(["a", "c"]);
  expect(memory.lines).toMatchObject([
    { code: "STORE_FAILED", deployment: "b" },
    { message: "sweep", code: "SWEEP_INCOMPLETE", poked: 2, failed: 1 },
  ]);
});

test("is complete in spite of a deployment that is damaged, so that its message is not kept alive for ever", async () => {
  const memory = openMemory();
  for (const id of [a, b]) memory.store.append(id);
  memory.pass(60_000);
  const readPosition = (id: typeof a) =>
    id === a ? Promise.reject(new TypeError("no number")) : memory.store.readPosition(id);

  expect(await runSweep({ ...memory, store: { ...memory.store, readPosition } })).toEqual({ kind: "complete" });

  expect(memory.poked()).toEqual(["b"]);
  expect(memory.lines).toMatchObject([
    { code: "INTERNAL", deployment: "a" },
    { poked: 1, damaged: 1 },
  ]);
});

test("goes on where the sweep before stopped", async () => {
  const memory = openMemory({ sweepPageDeployments: 1, sweepTimeMs: 1 });
  for (const id of [c, a, b]) memory.store.append(id);
  memory.pass(60_000);
  const slow = { ...memory, poke: preceded(memory.poke, () => memory.pass(1)) };

  for (const poked of [["a"], ["a", "b"], ["a", "b", "c"]]) {
    expect(await runSweep(slow)).toEqual({ kind: "goes_on_next_time" });
    expect(memory.poked()).toEqual(poked);
  }
  expect(await runSweep(slow)).toEqual({ kind: "complete" });
  expect(await memory.store.readSweepCursor()).toBeUndefined();
});

test("pages through all in one sweep when time allows", async () => {
  const memory = openMemory({ sweepPageDeployments: 2 });
  for (const id of [c, a, b]) memory.store.append(id);
  memory.pass(60_000);

  expect(await runSweep(memory)).toEqual({ kind: "complete" });

  expect(memory.poked()).toEqual(["a", "b", "c"]);
});

test("logs a position above the head, but not one that was read after an append", async () => {
  const memory = openMemory();
  memory.store.append(a);
  memory.store.append(b);
  await runMirror(a, memory);
  memory.store.positions.set(b, { deploymentId: b, mirroredSequence: 9, movedTimeUs: 0, version: 0 });
  const readPending: typeof memory.store.readPending = async (request) => {
    const page = await memory.store.readPending(request);
    memory.store.append(a);
    await runMirror(a, memory);
    return page;
  };

  await runSweep({ ...memory, store: { ...memory.store, readPending } });

  expect(memory.lines.filter(({ code }) => code !== undefined)).toMatchObject([
    { code: "POSITION_ABOVE_HEAD", deployment: "b", mirrored: 9, head: 1 },
  ]);
});
