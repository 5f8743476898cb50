import { type Replay, StoreFaultError } from "@activity-events/event-store";
import { expect, test } from "@jest/globals";
import { runMirror } from "../src/run-mirror.ts";
import { runReplay } from "../src/run-replay.ts";
import { deploymentId, sequences } from "./builders.ts";
import { eventsAt, type Memory, openMemory } from "./open-memory.ts";

const d = deploymentId("d");
const replay = (fromSequence: number, toSequence: number): Replay => ({
  kind: "replay",
  deploymentId: d,
  fromSequence,
  toSequence,
});

/** A deployment of so many mirrored events, and what was published since. */
async function mirrored(
  documents: readonly ("readable" | "unreadable" | "missing")[],
  memory: Memory,
): Promise<() => readonly string[]> {
  for (const document of documents) memory.store.append(d, document);
  await runMirror(d, memory);
  const before = memory.mirrored().length;
  memory.lines.splice(0);
  return () => memory.mirrored().slice(before);
}

const readable = (count: number) => sequences(count).map(() => "readable" as const);

test("publishes a range again, in order and marked, moves no position, and logs one line", async () => {
  const memory = openMemory({ chunkMessagesMax: 2 });
  const again = await mirrored(readable(8), memory);

  expect(await runReplay(replay(3, 7), memory)).toEqual({ kind: "complete" });

  expect(again()).toEqual(["3", "4", "5", "6", "7"]);
  const marks = memory.topics.accepted("events").map(({ attributes }) => attributes.replayed);
  expect(marks).toEqual([...Array(8).fill(undefined), ...Array(5).fill("true")]);
  expect(memory.store.positions.get(d)?.mirroredSequence).toBe(8);
  expect(memory.lines).toMatchObject([{ message: "replay", from: 3, to: 7, replayed_to: 7, published: 5 }]);
  expect(memory.lines[0]).not.toHaveProperty("lag_ms");
});

test("publishes nothing that was not published before", async () => {
  const memory = openMemory();
  const again = await mirrored(readable(3), memory);
  memory.store.append(d);

  expect(await runReplay(replay(2, 100), memory)).toEqual({ kind: "complete" });
  expect(await runReplay(replay(4, 100), memory)).toEqual({ kind: "complete" });
  expect(await runReplay(replay(3, 2), memory)).toEqual({ kind: "complete" });

  expect(again()).toEqual(["2", "3"]);
});

test("asks for the rest when it has had its share of events, or of time", async () => {
  const memory = openMemory({ runEventsMax: 2, chunkMessagesMax: 1 });
  const again = await mirrored(["readable", "readable"], memory);
  for (const _ of sequences(3)) memory.store.append(d);
  for (const _ of sequences(3)) await runMirror(d, memory);
  const pokes = () =>
    memory.topics.accepted("pokes").map(({ data, orderingKey }) => [JSON.parse(`${data}`), orderingKey]);
  const before = { pokes: pokes().length, events: again().length };

  expect(await runReplay(replay(1, 9), memory)).toEqual({ kind: "poked_again" });
  expect(pokes().slice(before.pokes)).toEqual([[replay(3, 5), "d"]]);
  expect(await runReplay(replay(3, 5), { ...memory, limits: { ...memory.limits, runTimeMs: 0 } })).toEqual({
    kind: "poked_again",
  });

  expect(again().slice(before.events)).toEqual(["1", "2"]);
  expect(pokes().slice(before.pokes + 1)).toEqual([[replay(3, 5), "d"]]);
});

test("puts tombstones where it cannot publish the events, in their place and marked", async () => {
  const memory = openMemory();
  const again = await mirrored(["readable", "missing", "readable", "unreadable", "readable", "missing"], memory);
  memory.topics.refuse(eventsAt(3));

  expect(await runReplay(replay(1, 6), memory)).toEqual({ kind: "complete" });

  expect(again()).toEqual(["1", "!2", "!3", "!4", "5", "!6"]);
  const last = memory.topics.accepted("events").slice(-6);
  expect(last.map(({ attributes }) => attributes.replayed)).toEqual(Array(6).fill("true"));
  expect(memory.codes()).toEqual(["EVENT_MISSING", "EVENT_REFUSED", "EVENT_UNREADABLE", "EVENT_MISSING"]);
});

test("puts tombstones in the place of what was purged, and logs no fault", async () => {
  const memory = openMemory();
  const again = await mirrored(readable(4), memory);
  memory.store.purge(d, 1);

  expect(await runReplay(replay(2, 4), memory)).toEqual({ kind: "complete" });

  expect(again()).toEqual(["!2", "!3", "!4"]);
  expect(memory.reasons()).toEqual(["PURGED", "PURGED", "PURGED"]);
  expect(memory.codes()).toEqual([]);
});

test("fails with the code of the fault, to be delivered again", async () => {
  const memory = openMemory();
  const again = await mirrored(readable(2), memory);
  const readEvents = async () => {
    throw new StoreFaultError("STORE_UNAVAILABLE", "trouble");
  };

  const failed = await runReplay(replay(1, 2), { ...memory, store: { ...memory.store, readEvents } });
  memory.topics.setDown("events", true);

  expect(failed).toMatchObject({ kind: "failed", code: "STORE_FAILED" });
  expect(await runReplay(replay(1, 2), memory)).toMatchObject({ kind: "failed", code: "PUBLISH_FAILED" });
  expect(again()).toEqual([]);
});
