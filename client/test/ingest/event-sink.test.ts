import { until } from "@activity-events/testing/until";
import { expect, test } from "@jest/globals";
import { ActivityEventsError, type Refusal } from "../../src/activity-events-error.ts";
import { BackOff } from "../../src/calls/back-off.ts";
import { EventSink, type EventSinkOptions } from "../../src/ingest/event-sink.ts";
import type { IngestEnding } from "../../src/ingest/ingest-ending.ts";
import { type Script, ScriptedConnection, willing } from "./scripted-connection.ts";

const eventsOf = (...messages: readonly string[]) => messages.map((message) => ({ deploymentId: "d", message }));

/** The earliest that a timer of Node fires by the finer clock: it counts from the whole millisecond before. */
const earliestMs = (delayMs: number): number => delayMs - 1;

/** Pours events in over a connection; `told` has the messages of the outcomes so far. */
function pour(connection: ScriptedConnection, options: Partial<EventSinkOptions> = {}) {
  const sink = new EventSink({
    source: eventsOf("1", "2", "3"),
    connection,
    backOff: new BackOff({ firstMs: 1, maxMs: 2 }),
    timeoutMs: 20_000,
    silenceMs: 20_000,
    ...options,
  });
  const told: string[] = [];
  const pouring = (async () => {
    for await (const { event } of sink.outcomes()) told.push(event.message);
  })();
  return { pouring, told };
}

const refusal = (fields: Partial<Refusal>) =>
  new ActivityEventsError({ code: "UNAVAILABLE", message: "no", ...fields });

const failed = (error: ActivityEventsError): IngestEnding => ({ kind: "failed", error });

const goaway = (lastOrdinal: bigint): IngestEnding => ({ kind: "goaway", lastOrdinal, retryDelayMs: 300 });

/** Waits for all three events; then it acknowledges so many of them and goes on with `then`. */
function afterThree(acknowledged: number, then: Script): Script {
  let isDone = false;
  return (stream) => {
    if (isDone || stream.sent.length < 3) return;
    isDone = true;
    if (acknowledged > 0) stream.acknowledge(acknowledged);
    then(stream);
  };
}

test.each([
  ["a goaway's delay", goaway(1n)],
  ["the RetryInfo of a stream that was refused", failed(refusal({ retryDelayMs: 300 }))],
])("obeys %s, and sends on the next stream what was not acknowledged", async (_, ending) => {
  let endedMs = Number.NaN;
  const connection = new ScriptedConnection(
    afterThree(1, ({ listener }) => {
      endedMs = performance.now();
      listener.ended(ending);
    }),
  );

  const { pouring, told } = pour(connection);
  await pouring;

  const [first, second] = connection.streams;
  expect(told).toEqual(["1", "2", "3"]);
  expect([first?.sent, second?.sent]).toEqual([
    ["1", "2", "3"],
    ["2", "3"],
  ]);
  expect((second?.openedMs ?? 0) - endedMs).toBeGreaterThanOrEqual(earliestMs(300));
});

test("obeys the delay when nothing waits, too: for the next event", async () => {
  const more = Promise.withResolvers<void>();
  let endedMs = Number.NaN;
  const connection = new ScriptedConnection((stream) => {
    willing(stream);
    endedMs = performance.now();
    stream.listener.ended(goaway(1n));
    more.resolve();
  });
  async function* source() {
    yield* eventsOf("1");
    await more.promise;
    yield* eventsOf("2");
  }

  const { pouring, told } = pour(connection, { source: source() });
  await pouring;

  expect(told).toEqual(["1", "2"]);
  expect((connection.streams[1]?.openedMs ?? 0) - endedMs).toBeGreaterThanOrEqual(earliestMs(300));
});

test("waits longer from stream to stream, and only a moment again once an event is acknowledged", async () => {
  const delaysMs: number[] = [];
  class ToldBackOff extends BackOff {
    override nextMs(askedMs?: number): number {
      const delayMs = super.nextMs(askedMs);
      delaysMs.push(delayMs);
      return delayMs;
    }
  }
  const lost = (acknowledged: number) =>
    afterThree(acknowledged, ({ listener }) => listener.ended(failed(refusal({}))));
  const connection = new ScriptedConnection(lost(0), lost(0), lost(1));

  await pour(connection, { backOff: new ToldBackOff({ firstMs: 1, maxMs: 64, random: () => 1 }) }).pouring;

  expect(delaysMs).toEqual([1, 2, 1]);
});

test("leaves a silent stream for one over another connection", async () => {
  const connection = new ScriptedConnection(afterThree(1, () => {}));

  const { pouring, told } = pour(connection, { silenceMs: 50 });
  await pouring;

  expect(told).toEqual(["1", "2", "3"]);
  expect(connection.renewals).toBe(1);
  expect(connection.streams).toMatchObject([
    { isLeft: true, sent: ["1", "2", "3"] },
    { isLeft: false, sent: ["2", "3"] },
  ]);
});

test("leaves a silent stream, too, that followed a lost one after a delay", async () => {
  const connection = new ScriptedConnection(
    afterThree(0, ({ listener }) => listener.ended(failed(refusal({ retryDelayMs: 20 })))),
    afterThree(0, () => {}),
  );

  const { pouring, told } = pour(connection, { silenceMs: 100, timeoutMs: 10_000 });
  await pouring;

  expect(told).toEqual(["1", "2", "3"]);
  expect(connection.streams.map(({ isLeft }) => isLeft)).toEqual([false, true, false]);
});

test("takes another connection when all streams over one end before they begin", async () => {
  const connection = new ScriptedConnection();
  const open = connection.open.bind(connection);
  let refused = 0;
  connection.open = (listener) => {
    if (connection.renewals > 0) return open(listener);
    refused += 1;
    setImmediate(() => listener.ended(failed(refusal({}))));
    return { send: () => {}, finish: () => {}, leave: () => {} };
  };

  const { pouring, told } = pour(connection, { silenceMs: 1_000 });
  await pouring;

  expect(told).toEqual(["1", "2", "3"]);
  expect(refused).toBeGreaterThan(3);
  expect(connection.renewals).toBe(1);
});

/** Acknowledges nothing of three events before the service has been asked so many times. */
function afterQuestions(connection: () => ScriptedConnection, count: number): Script {
  return afterThree(0, async (stream) => {
    await until(() => connection().questions >= count, `the service is asked ${count} times`);
    willing(stream);
  });
}

test("waits for a service that is slow and says that it serves, much longer than for a dead one", async () => {
  const connection: ScriptedConnection = new ScriptedConnection(afterQuestions(() => connection, 8));
  connection.serving = true;

  // It is asked each quarter of the time.
  const { pouring, told } = pour(connection, { timeoutMs: 1_000 });
  await pouring;

  expect(told).toEqual(["1", "2", "3"]);
  expect(connection.streams).toHaveLength(1);
});

test.each([
  ["does not answer", undefined],
  ["says that it does not serve", false],
])("gives up a service that acknowledges nothing and %s", async (_, serving) => {
  const connection = new ScriptedConnection(afterThree(0, () => {}));
  connection.serving = serving;

  const { pouring } = pour(connection, { timeoutMs: 200 });

  const message = "The service acknowledged nothing for 0.2 s.";
  await expect(pouring).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED", message });
});

test("holds it against nobody that its own process was stopped for a while", async () => {
  const connection = new ScriptedConnection(
    afterThree(0, (stream) => {
      const endMs = performance.now() + 1_500;
      while (performance.now() < endMs);
      setTimeout(() => willing(stream), 50);
    }),
  );

  const { pouring, told } = pour(connection, { timeoutMs: 1_000 });
  await pouring;

  expect(told).toEqual(["1", "2", "3"]);
});

test("gives up a service that dies after it said that it serves, in the words for a dead one", async () => {
  const connection = new ScriptedConnection(afterThree(0, () => {}));
  connection.serving = true;

  const { pouring } = pour(connection, { timeoutMs: 300 });
  const failing = expect(pouring).rejects.toMatchObject({ message: "The service acknowledged nothing for 0.3 s." });
  await until(() => connection.questions === 2, "it has said once that it serves");
  connection.serving = undefined;

  await failing;
});

test("gives up a service that is silent after it lost a stream with what lost that stream", async () => {
  const error = refusal({});
  const connection = new ScriptedConnection(
    afterThree(0, ({ listener }) => listener.ended(failed(error))),
    afterThree(0, () => {}),
  );

  await expect(pour(connection, { timeoutMs: 500 }).pouring).rejects.toBe(error);
  expect(connection.streams).toHaveLength(2);
});

test("gives up a service that serves and never acknowledges, and says so", async () => {
  const connection = new ScriptedConnection(afterThree(0, () => {}));
  connection.serving = true;

  const { pouring } = pour(connection, { timeoutMs: 100 });

  const message = "The service reports SERVING, but acknowledged nothing for 0.6 s.";
  await expect(pouring).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED", message });
});

test("leaves a stream that a proxy lost, though the service says that it serves", async () => {
  const connection = new ScriptedConnection(afterThree(1, () => {}));
  connection.serving = true;

  const { pouring, told } = pour(connection, { silenceMs: 200, timeoutMs: 1_000 });
  await pouring;

  expect(told).toEqual(["1", "2", "3"]);
  expect([connection.streams.length, connection.renewals]).toEqual([2, 1]);
});

test("asks nothing while events are acknowledged, or none waits", async () => {
  const connection = new ScriptedConnection();

  await pour(connection).pouring;

  expect(connection.questions).toBe(0);
});

test("takes it for no silence that nothing is acknowledged while nothing waits for it", async () => {
  const more = Promise.withResolvers<void>();
  const connection = new ScriptedConnection();
  async function* source() {
    yield* eventsOf("1");
    await more.promise;
  }
  const { pouring, told } = pour(connection, { source: source(), silenceMs: 20 });
  await until(() => told.length === 1, "the event is acknowledged");
  const toldMs = performance.now();
  await until(() => performance.now() > toldMs + 100, "silence would have been noticed");

  more.resolve();
  await pouring;

  expect([connection.streams.length, connection.renewals]).toEqual([1, 0]);
});

test.each<Partial<Refusal>>([{ code: "UNIMPLEMENTED" }, { code: "INTERNAL", reason: "STORE_REFUSED" }])(
  "fails at once with %j, which no patience mends, after what was settled",
  async (fields) => {
    const error = refusal(fields);
    const connection = new ScriptedConnection(afterThree(2, ({ listener }) => listener.ended(failed(error))));

    const { pouring, told } = pour(connection);

    await expect(pouring).rejects.toBe(error);
    expect(told).toEqual(["1", "2"]);
    expect([connection.streams.length, connection.isClosed]).toEqual([1, true]);
  },
);

test("fails with what lost the stream when no patience is left for the delay that is asked for", async () => {
  const error = refusal({ retryDelayMs: 60_000 });
  const connection = new ScriptedConnection(afterThree(0, ({ listener }) => listener.ended(failed(error))));

  await expect(pour(connection, { timeoutMs: 1_000 }).pouring).rejects.toBe(error);
});

test("fails when the server acknowledges more than was sent", async () => {
  const connection = new ScriptedConnection(afterThree(4, () => {}));

  const { pouring, told } = pour(connection);

  const message = "The server acknowledged event 4; 4 was next.";
  await expect(pouring).rejects.toMatchObject({ code: "INTERNAL", message });
  expect(told).toEqual(["1", "2", "3"]);
});

test.each([
  ["OK", { kind: "ok" } as const, "ended the stream with OK after event 1; 2 more were sent."],
  ["a goaway that counts more", goaway(2n), "acknowledged event 2 last; event 1 was."],
  ["a goaway that counts fewer", goaway(0n), "acknowledged event 0 last; event 1 was."],
])("fails when a stream ends with %s than was acknowledged, and opens no other one", async (_, ending, message) => {
  const connection = new ScriptedConnection(afterThree(1, ({ listener }) => listener.ended(ending)));

  const { pouring, told } = pour(connection);

  await expect(pouring).rejects.toMatchObject({ code: "INTERNAL", message: expect.stringContaining(message) });
  expect(told).toEqual(["1"]);
  expect(connection.streams).toHaveLength(1);
});

test("takes an OK that leaves nothing open for the end of a stream like any other", async () => {
  const connection = new ScriptedConnection((stream) => {
    willing(stream);
    stream.listener.ended({ kind: "ok" });
  });
  async function* source() {
    yield* eventsOf("1");
    await until(() => connection.streams[0]?.acknowledged === 1, "the first event is acknowledged");
    yield* eventsOf("2");
  }

  const { pouring, told } = pour(connection, { source: source() });
  await pouring;

  expect(told).toEqual(["1", "2"]);
});

test("sends in one message what the source has ready, behind the event that opens the stream", async () => {
  const messages = Array.from({ length: 100 }, (_, index) => `${index}`);
  const connection = new ScriptedConnection();

  await pour(connection, { source: eventsOf(...messages) }).pouring;

  expect(connection.streams).toMatchObject([{ sent: messages, messages: 2 }]);
});

test("says that nothing more comes, and leaves nothing open", async () => {
  const connection = new ScriptedConnection();

  await pour(connection).pouring;

  expect(connection.streams).toMatchObject([{ isFinished: true, isLeft: false }]);
  expect(connection.isClosed).toBe(true);
});

test("throws what the source throws, after the outcomes of what it gave before", async () => {
  function* source() {
    yield* eventsOf("1", "2");
    throw new Error("the source is broken");
  }

  const { pouring, told } = pour(new ScriptedConnection(), { source: source() });

  await expect(pouring).rejects.toThrow("the source is broken");
  expect(told).toEqual(["1", "2"]);
});
