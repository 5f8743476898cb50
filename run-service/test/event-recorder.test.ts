import { type Append, type EventStore, StoreFaultError } from "@activity-events/event-store";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { EventRecorder } from "../src/application/event-recorder.ts";
import { noPoker } from "../src/application/poker.ts";
import type { Refusal } from "../src/application/refusal.ts";

// What is appended does not matter here: the store does not get to it.
const append = {} as Append;
const startMs = 1_000_000;

/** A store that never answers an append, and notes by when it was to. */
function silentStore() {
  const deadlines: number[] = [];
  const store: Pick<EventStore, "append"> = {
    append: (_, { deadlineMs }) => {
      deadlines.push(deadlineMs);
      return new Promise(() => {});
    },
  };
  return { store: store as EventStore, deadlines };
}

/** Records, and notes how it ended, and when. */
function record(recorder: EventRecorder, callerDeadlineMs = Number.POSITIVE_INFINITY) {
  const call: {
    ended?: { readonly reason: string; readonly afterMs: number; readonly retryDelayMs: number | undefined };
  } = {};
  const { signal } = new AbortController();
  recorder
    .record(append, { callerDeadlineMs, signal, fieldOf: () => "event" })
    .catch(({ reason, retryDelayMs }: Refusal) => {
      call.ended = { reason, retryDelayMs, afterMs: Date.now() - startMs };
    });
  return call;
}

describe("the time of an append", () => {
  beforeEach(() => {
    jest.useFakeTimers({ now: startMs });
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  test("is ten seconds when the caller sets none, or a longer one", async () => {
    const { store, deadlines } = silentStore();
    const recorder = new EventRecorder(store, noPoker);

    const calls = [record(recorder), record(recorder, startMs + 60_000)];
    await jest.advanceTimersByTimeAsync(9_999);
    const before = calls.map(({ ended }) => ended);
    await jest.advanceTimersByTimeAsync(1);

    expect(before).toEqual([undefined, undefined]);
    expect(calls.map(({ ended }) => ended)).toEqual(
      Array(2).fill({ reason: "STORE_UNAVAILABLE", afterMs: 10_000, retryDelayMs: 1_000 }),
    );
    expect(deadlines).toEqual([startMs + 10_000, startMs + 10_000]);
  });

  test("is the caller's when that is shorter", async () => {
    const { store, deadlines } = silentStore();

    const call = record(new EventRecorder(store, noPoker), startMs + 700);
    await jest.advanceTimersByTimeAsync(700);

    expect(call.ended).toEqual({ reason: "DEADLINE_PASSED", afterMs: 700, retryDelayMs: undefined });
    expect(deadlines).toEqual([startMs + 700]);
  });

  test("is five seconds from the moment that the service drains, for what is under way and what comes", async () => {
    const recorder = new EventRecorder(silentStore().store, noPoker);

    const underWay = record(recorder);
    await jest.advanceTimersByTimeAsync(2_000);
    recorder.drain();
    await jest.advanceTimersByTimeAsync(1_000);
    const later = record(recorder);
    await jest.advanceTimersByTimeAsync(3_999);
    const before = [underWay.ended, later.ended];
    await jest.advanceTimersByTimeAsync(1);

    expect(before).toEqual([undefined, undefined]);
    expect([underWay.ended, later.ended]).toEqual(
      Array(2).fill({ reason: "DRAINING", afterMs: 7_000, retryDelayMs: 1_000 }),
    );
  });

  test("is not lengthened by a drain", async () => {
    const recorder = new EventRecorder(silentStore().store, noPoker);

    const [late, short] = [record(recorder), record(recorder, startMs + 9_000)];
    await jest.advanceTimersByTimeAsync(8_000);
    recorder.drain();
    await jest.advanceTimersByTimeAsync(2_000);

    expect(short.ended).toMatchObject({ reason: "DEADLINE_PASSED", afterMs: 9_000 });
    expect(late.ended).toMatchObject({ reason: "STORE_UNAVAILABLE", afterMs: 10_000 });
  });

  test("is told by the store itself, when it drops what came too late", async () => {
    const store: Pick<EventStore, "append"> = {
      append: async () => {
        throw new StoreFaultError("DEADLINE_PASSED", "too late");
      },
    };
    const recorder = new EventRecorder(store as EventStore, noPoker);

    const callers = record(recorder, startMs);
    const ours = record(recorder);
    await jest.advanceTimersByTimeAsync(0);

    expect(callers.ended?.reason).toBe("DEADLINE_PASSED");
    expect(ours.ended?.reason).toBe("STORE_UNAVAILABLE");
  });
});
