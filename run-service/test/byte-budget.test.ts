import { afterEach, expect, jest, test } from "@jest/globals";
import { ByteBudget, type Connection } from "../src/application/byte-budget.ts";
import { CallBytes } from "../src/application/call-bytes.ts";
import { limits } from "../src/limits.ts";

const KiB = 1_024;
const MiB = 1_024 * KiB;
const largest = 4 * MiB;

/** A connection that tells whether it was ended. */
class Peer implements Connection {
  isEnded = false;
  end(): void {
    this.isEnded = true;
  }
}

/** Calls of a connection, each holding as much as the largest, until one is refused. */
function fillConnection(budget: ByteBudget, peer: Connection): CallBytes[] {
  const calls: CallBytes[] = [];
  for (;;) {
    const call = new CallBytes(budget, peer);
    if (!call.tryHold(largest)) return calls;
    calls.push(call);
  }
}

function fill(budget: ByteBudget): CallBytes[] {
  const calls: CallBytes[] = [];
  for (;;) {
    const more = fillConnection(budget, new Peer());
    if (more.length === 0) return calls;
    calls.push(...more);
  }
}

function passTime(ms: number): void {
  jest.restoreAllMocks();
  const now = performance.now.bind(performance);
  jest.spyOn(performance, "now").mockImplementation(() => now() + ms);
}

afterEach(() => {
  jest.restoreAllMocks();
  jest.useRealTimers();
});

test("one connection gets a third, and others still get theirs", () => {
  const budget = new ByteBudget();
  const peer = new Peer();

  const calls = fillConnection(budget, peer);

  expect(calls.length * largest).toBeLessThanOrEqual(limits.connectionBytesMax);
  expect(calls.length * largest).toBeGreaterThan(limits.connectionBytesMax / 2);
  expect(() => new CallBytes(budget, peer).hold(largest)).toThrow(
    expect.objectContaining({ reason: "TOO_MANY_BYTES" }),
  );
  expect(() => new CallBytes(budget, new Peer()).hold(largest)).not.toThrow();
});

test("small calls get their bytes when large ones have taken theirs, also on the same connection", () => {
  const budget = new ByteBudget();
  const peer = new Peer();

  fillConnection(budget, peer);
  const isServedBeside = new CallBytes(budget, peer).tryHold(16 * KiB);
  fill(budget);
  const small = Array.from({ length: 100 }, () => new CallBytes(budget, new Peer()).tryHold(16 * KiB));

  expect(isServedBeside).toBe(true);
  expect(small).not.toContain(false);
  expect(budget.held).toBeLessThanOrEqual(limits.callBytesMax);
});

test("what one call gives back the next one that waits gets, and connections take turns", async () => {
  const budget = new ByteBudget();
  const full = fill(budget);
  const order: string[] = [];
  const wait = (name: string, peer: Peer) =>
    new CallBytes(budget, peer).room(largest, { signals: [] }).then(() => order.push(name));
  const [greedy, modest] = [new Peer(), new Peer()];
  const waits = [wait("greedy 1", greedy), wait("greedy 2", greedy), wait("greedy 3", greedy), wait("modest", modest)];

  for (const call of full) {
    call.over();
    await Promise.resolve();
  }
  await Promise.all(waits);

  expect(order).toEqual(["greedy 1", "modest", "greedy 2", "greedy 3"]);
});

test("whoever waits too long is refused, and whoever has gone gets nothing", async () => {
  const budget = new ByteBudget();
  const full = fill(budget);
  const call = new CallBytes(budget, new Peer());
  const gone = new CallBytes(budget, new Peer());
  const over = new CallBytes(budget, new Peer());
  const abort = new AbortController();

  const refused = call.room(largest, { signals: [], timeMs: 1 });
  const aborted = gone.room(largest, { signals: [abort.signal] });
  abort.abort();
  const left = over.room(largest, { signals: [] });
  left.catch(() => {});
  over.over();

  await expect(refused).rejects.toMatchObject({ reason: "TOO_MANY_BYTES", retryDelayMs: 1_000 });
  await expect(left).rejects.toThrow("the call is over");
  await aborted;
  for (const each of full) each.over();
  expect([call.held, gone.held, over.held, budget.held]).toEqual([0, 0, 0, 0]);
});

test("a connection that has not read its answers is told so, and ended after a minute when others want the room", () => {
  const budget = new ByteBudget();
  const [stuck, reads] = [new Peer(), new Peer()];
  for (let answer = 0; answer < 8; answer += 1) {
    new CallBytes(budget, stuck).answer(3 * MiB);
    new CallBytes(budget, reads).answer(3 * MiB);
  }
  const another = new CallBytes(budget, reads);

  expect(() => new CallBytes(budget, stuck).hold(largest * 2)).toThrow(
    expect.objectContaining({ reason: "TOO_MANY_UNREAD" }),
  );
  const endedAtOnce = stuck.isEnded;
  passTime(limits.unreadAnswerTimeMs + 1);
  another.answer(1);
  another.taken(1);
  const endedWithoutNeed = stuck.isEnded;
  expect(() => new CallBytes(budget, stuck).hold(largest * 2)).toThrow();

  expect([endedAtOnce, endedWithoutNeed]).toEqual([false, false]);
  expect([stuck.isEnded, reads.isEnded]).toEqual([true, false]);
});

test("looks for connections that read nothing as long as somebody waits, and no longer", async () => {
  jest.useFakeTimers();
  const budget = new ByteBudget();
  const wait = () => new CallBytes(budget, new Peer()).room(largest, { signals: [] });
  const [spared, ended] = [new Peer(), new Peer()];

  const full = fill(budget);
  const granted = wait();
  new CallBytes(budget, spared).answer(1);
  for (const call of full) call.over();
  await granted;
  await jest.advanceTimersByTimeAsync(limits.unreadAnswerTimeMs + 2_000);
  const endedWithoutNeed = spared.isEnded;
  fill(budget);
  wait();
  new CallBytes(budget, ended).answer(1);
  await jest.advanceTimersByTimeAsync(limits.unreadAnswerTimeMs + 2_000);

  expect(endedWithoutNeed).toBe(false);
  expect([spared.isEnded, ended.isEnded]).toEqual([true, true]);
});

test("an append's answer takes the place that was reserved for it, and a call that is over holds nothing", () => {
  const budget = new ByteBudget();
  const call = new CallBytes(budget, new Peer());

  call.hold(2 * MiB);
  call.reserveForAnswer(MiB);
  call.answer(MiB);
  call.rest();
  const heldUnread = budget.held;
  call.over();
  call.add(MiB);
  call.answer(MiB);
  call.taken(MiB);

  expect(heldUnread).toBe(2 * MiB);
  expect([budget.held, call.unread]).toEqual([0, 0]);
});
