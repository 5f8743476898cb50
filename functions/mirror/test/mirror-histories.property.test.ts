import { type MirrorStore, StoreFaultError } from "@activity-events/event-store";
import type { TopicMessage } from "@activity-events/topic/topic-message";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { limits } from "../src/limits.ts";
import { openLog } from "../src/log.ts";
import { MirrorFaultError } from "../src/mirror-fault.ts";
import type { Publisher } from "../src/publisher.ts";
import { runMirror } from "../src/run-mirror.ts";
import { deploymentId, sequences } from "./builders.ts";
import { openMemoryMirrorStore } from "./memory-mirror-store.ts";
import { openMemoryTopics } from "./memory-topics.ts";

const d = deploymentId("d");
const documents = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.constant("readable" as const) },
    fc.constantFrom("unreadable" as const, "missing" as const, "refused" as const),
  ),
  { maxLength: 40 },
);

interface History {
  readonly documents: readonly ("readable" | "unreadable" | "missing" | "refused")[];
  /** How many runs are under way at any time. */
  readonly runners: number;
  readonly runEventsMax: number;
  readonly chunkMessagesMax: number;
  /** What each call to the store or a topic meets: a draw per call. */
  readonly chance: fc.Stream<number>;
}

const histories = fc.record({
  documents,
  runners: fc.integer({ min: 1, max: 4 }),
  runEventsMax: fc.integer({ min: 1, max: 12 }),
  chunkMessagesMax: fc.integer({ min: 1, max: 8 }),
  chance: fc.infiniteStream(fc.nat(99)),
});

test("every event or its tombstone first appears in order, whatever overlaps, fails or dies, and none is left out", async () => {
  const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);
  process.stdout.write(`mirror histories: SEED=${seed}\n`);
  const met = { faults: 0, repeats: 0, tombstones: 0 };

  await fc.assert(
    fc.asyncProperty(histories, (history) => play(history, met)),
    { seed, numRuns: 400 },
  );

  expect(Math.min(...Object.values(met))).toBeGreaterThan(0);
});

async function play(history: History, met: Record<"faults" | "repeats" | "tombstones", number>): Promise<void> {
  const store = openMemoryMirrorStore({ clock: () => 0 });
  const topics = openMemoryTopics();
  const isRefused = ({ attributes }: TopicMessage) =>
    attributes["ce-type"] !== "activityevents.tombstone" && kindAt(attributes["ce-sequence"]) === "refused";
  const kindAt = (sequence: string | undefined) => history.documents[Number(sequence) - 1];
  topics.refuse(isRefused);
  const { chunkMessagesMax, runEventsMax } = history;
  const options = {
    store,
    publisher: topics,
    eventsTopic: "events",
    poke: async () => {},
    logger: openLog("silent"),
    clock: () => 0,
    limits: { ...limits, chunkMessagesMax, runEventsMax },
  };

  // Runs overlap each other and the appends, and each of their calls may be slow, fail, or take effect and fail.
  const trouble = inTrouble(history.chance, () => (met.faults += 1));
  const troubled = { ...options, store: trouble<MirrorStore>(store), publisher: trouble<Publisher>(topics) };
  const running = Array.from({ length: history.runners }, async () => {
    for (let run = 0; run < 8; run += 1) await runMirror(d, troubled);
  });
  for (const kind of history.documents) {
    store.append(d, kind === "refused" ? "readable" : kind);
    await turns(3);
  }
  await Promise.all(running);
  // Then all is well. Refusals one after the other end a run, and the one after it goes on.
  if (history.documents.length > 0) {
    for (let run = 0; store.positions.get(d)?.mirroredSequence !== history.documents.length; run += 1) {
      expect(run).toBeLessThan(200);
      await runMirror(d, options);
    }
  }

  const accepted = topics.accepted("events").map(({ attributes }) => attributes);
  const first: number[] = [];
  for (const { "ce-sequence": sequence, "ce-type": type } of accepted) {
    const isTombstone = type === "activityevents.tombstone";
    expect(isTombstone).toBe(kindAt(sequence) !== "readable");
    if (Number(sequence) === first.length + 1) first.push(Number(sequence));
    else expect(Number(sequence)).toBeLessThanOrEqual(first.length);
    met.tombstones += isTombstone ? 1 : 0;
  }
  expect(first).toEqual(sequences(history.documents.length));
  expect(store.lowered).toEqual([]);
  met.repeats += accepted.length - first.length;
}

/** Wraps what has asynchronous methods: their calls take a few turns, and some fail before or after their effect. */
function inTrouble(chance: fc.Stream<number>, onFault: () => void) {
  return <Part extends object>(part: Part): Part =>
    new Proxy(part, {
      get:
        (target, name) =>
        async (...values: unknown[]) => {
          const draw = chance.next().value ?? 99;
          await turns(draw % 5);
          if (draw < 6) {
            onFault();
            throw fault(draw);
          }
          const answer = await (target[name as keyof Part] as (...given: unknown[]) => Promise<unknown>)(...values);
          await turns(draw % 3);
          if (draw < 12) {
            onFault();
            throw fault(draw);
          }
          return answer;
        },
    });
}

function fault(draw: number): Error {
  return draw % 2 === 0
    ? new StoreFaultError("STORE_UNAVAILABLE", "trouble")
    : new MirrorFaultError("PUBLISH_FAILED", "trouble");
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
