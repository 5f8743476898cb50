import {
  type Append,
  type Appended,
  type AppendOptions,
  type DeploymentId,
  type EventId,
  EventIdConflictError,
  type EventStore,
  type StoredEvent,
} from "@activity-events/event-store";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { ByteBudget } from "../src/application/byte-budget.ts";
import { type IngestFrame, IngestStream } from "../src/application/ingest-stream.ts";
import { noPoker, type Poker } from "../src/application/poker.ts";
import type { Refusal } from "../src/application/refusal.ts";
import { WaitingEvents } from "../src/application/waiting-events.ts";

const startMs = 1_000_000;

const ingestOptions = {
  poker: noPoker,
  waiting: new WaitingEvents(new ByteBudget()),
  callerDeadlineMs: Number.POSITIVE_INFINITY,
  signal: new AbortController().signal,
  revoked: new AbortController().signal,
  draining: new AbortController().signal,
  drainDeadlineMs: () => Number.POSITIVE_INFINITY,
  endMs: Number.POSITIVE_INFINITY,
  encodeRefusal: () => new Uint8Array(),
};
const conflict = new EventIdConflictError("d" as DeploymentId, []);

function thrower(error: unknown = new Error("a fault")): never {
  throw error;
}

/** A store that answers when the test says so, and an open stream on it, whose end is noted with its time. */
function openIngest() {
  const appends: { readonly options: AppendOptions; readonly store: () => void }[] = [];
  const store: Pick<EventStore, "append"> = {
    append: ({ events }, options) =>
      new Promise<Appended[]>((resolve) => {
        const sequence = appends.length + 1;
        const event = { eventId: events[0]?.eventId, sequence, receiveTimeUs: 0 } as StoredEvent;
        appends.push({ options, store: () => resolve([{ event, duplicate: false }]) });
      }),
  };
  const ingest = new IngestStream({
    ...ingestOptions,
    store: store as EventStore,
    endMs: performance.now() + 3_600_000,
  });
  const frames: IngestFrame[] = [];
  const seen: { end?: { readonly refusal: Refusal; readonly afterMs: number } } = {};
  (async () => {
    for await (const frame of ingest.frames()) frames.push(frame);
  })().catch((refusal) => {
    seen.end = { refusal, afterMs: Date.now() - startMs };
  });
  const take = (deploymentId: string, eventId: string) => {
    const append = { deploymentId: deploymentId as DeploymentId, events: [{ eventId: eventId as EventId }] };
    ingest.take(append as unknown as Append, 10);
  };
  const acknowledged = () =>
    frames.flatMap((frame) =>
      frame.kind === "acknowledgements"
        ? frame.outcomes.map((outcome) => (outcome.kind === "stored" ? outcome.names.eventId : "refused"))
        : [],
    );
  return { take, appends, acknowledged, seen, ingest };
}

describe("the time of an event in a stream", () => {
  beforeEach(() => {
    jest.useFakeTimers({ now: startMs });
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  test("is ten seconds: then all before it are acknowledged, what follows there is withdrawn, and the stream ends UNAVAILABLE", async () => {
    const { take, appends, acknowledged, seen, ingest } = openIngest();

    take("a", "1");
    await jest.advanceTimersByTimeAsync(500);
    take("a", "2");
    take("b", "3");
    appends[0]?.store();
    appends[2]?.store();
    await jest.advanceTimersByTimeAsync(9_999);
    const before = [seen.end, acknowledged(), ingest.isClosed];
    await jest.advanceTimersByTimeAsync(1);

    expect(before).toEqual([undefined, ["1"], false]);
    expect(seen.end).toMatchObject({ afterMs: 10_500, refusal: { reason: "STORE_UNAVAILABLE", retryDelayMs: 1_000 } });
    expect(seen.end?.refusal.answersWith).toBe("UNAVAILABLE");
    // That of b is stored, but acknowledgements are a prefix of the stream.
    expect(acknowledged()).toEqual(["1"]);
    expect(ingest.isClosed).toBe(true);
    const { series } = appends[1]?.options ?? {};
    expect(series?.faultIn("a" as DeploymentId)).toMatchObject({ reason: "STORE_UNAVAILABLE" });
    expect(series?.faultIn("b" as DeploymentId)).toBeUndefined();
    expect(appends.map(({ options }) => options.deadlineMs - startMs)).toEqual([10_000, 10_500, 10_500]);
  });

  test("is as long when the stream had nothing under way before", async () => {
    const { take, appends, acknowledged, seen } = openIngest();
    take("a", "1");
    appends[0]?.store();
    await jest.advanceTimersByTimeAsync(20_000);

    take("a", "2");
    await jest.advanceTimersByTimeAsync(10_000);

    expect(acknowledged()).toEqual(["1"]);
    expect(seen.end).toMatchObject({ afterMs: 30_000, refusal: { reason: "STORE_UNAVAILABLE" } });
  });
});

describe("what is thrown while an outcome is made", () => {
  test.each<[string, Partial<EventStore>, Partial<Poker>]>([
    ["the store", { append: thrower }, {}],
    ["the store's answer", { append: async () => [] }, {}],
    ["the poke", { append: async () => [{ event: {} as StoredEvent, duplicate: false }] }, { poke: thrower }],
    ["the encoding of a refusal", { append: async () => thrower(conflict) }, {}],
  ])("ends the stream and not the process, and gives the bytes back: %s", async (_, store, poker) => {
    const budget = new ByteBudget();
    const ingest = new IngestStream({
      ...ingestOptions,
      store: store as EventStore,
      poker: { ...noPoker, ...poker },
      waiting: new WaitingEvents(budget),
      encodeRefusal: () => thrower(),
    });

    ingest.take({ deploymentId: "d", events: [] } as unknown as Append, 10);
    const frames = (async () => {
      for await (const _frame of ingest.frames());
    })();

    await expect(frames).rejects.toMatchObject({ reason: "INTERNAL_FAULT" });
    expect(budget.held).toBe(0);
  });
});
