import { type Limits, limits } from "../src/limits.ts";
import { openLog } from "../src/log.ts";
import { pokesOn } from "../src/poke.ts";
import type { MirrorRunOptions } from "../src/run-mirror.ts";
import { type MemoryMirrorStore, openMemoryMirrorStore } from "./memory-mirror-store.ts";
import { type MemoryTopics, openMemoryTopics } from "./memory-topics.ts";

export type LogLine = Readonly<Record<string, unknown>>;

/** All that the mirror needs, in memory, with a clock that a test sets. */
export interface Memory extends MirrorRunOptions {
  readonly store: MemoryMirrorStore;
  readonly topics: MemoryTopics;
  readonly lines: LogLine[];
  /** The codes of the faults that were logged, in order. */
  codes(): unknown[];
  /** `ce-sequence` of what the events' topic accepted, a tombstone's with a `!`. */
  mirrored(): string[];
  /** The reasons of the tombstones among them. */
  reasons(): string[];
  /** The deployments that were poked. */
  poked(): string[];
  /** Lets time pass. */
  pass(ms: number): void;
}

export function openMemory(changed: Partial<Limits> = {}): Memory {
  let nowMs = 1_795_507_426_000;
  const clock = () => nowMs;
  const lines: LogLine[] = [];
  const store = openMemoryMirrorStore({ clock });
  const topics = openMemoryTopics();
  return {
    store,
    topics,
    publisher: topics,
    eventsTopic: "events",
    poke: pokesOn("pokes", topics),
    logger: openLog("info", { write: (line) => void lines.push(JSON.parse(line)) }),
    clock,
    limits: { ...limits, ...changed },
    lines,
    codes: () => lines.map(({ code }) => code).filter((code) => code !== undefined),
    mirrored: () =>
      topics.accepted("events").map(({ attributes }) => {
        const isTombstone = attributes["ce-type"] === "activityevents.tombstone";
        return `${isTombstone ? "!" : ""}${attributes["ce-sequence"]}`;
      }),
    reasons: () =>
      topics.accepted("events").flatMap(({ data }) => JSON.parse(Buffer.from(data).toString()).reason ?? []),
    poked: () => topics.accepted("pokes").map(({ data }) => JSON.parse(Buffer.from(data).toString()).deploymentId),
    pass: (ms) => {
      nowMs += ms;
    },
  };
}

/** A predicate on messages: those of events at these sequences. */
export function eventsAt(...sequences: readonly number[]) {
  return ({ attributes }: { readonly attributes: Readonly<Record<string, string>> }) =>
    attributes["ce-type"] !== "activityevents.tombstone" && sequences.includes(Number(attributes["ce-sequence"]));
}

/** The same function, which lets something else happen before each call. */
export function preceded<Given extends readonly unknown[], Answer>(
  call: (...given: Given) => Promise<Answer>,
  happen: () => unknown,
): (...given: Given) => Promise<Answer> {
  return async (...given) => {
    await happen();
    return call(...given);
  };
}
