import { expect, test } from "@jest/globals";
import { ActivityEventsError, type Refusal } from "../../src/activity-events-error.ts";
import { retryCall } from "../../src/calls/retry-call.ts";

const unavailable: Refusal = { code: "UNAVAILABLE", message: "away" };

/** An append that meets these refusals one after the other and then succeeds; it counts its attempts. */
function append(...refusals: readonly Refusal[]) {
  const attempts: number[] = [];
  const attempt = async ({ timeoutMs = 0 }: { readonly timeoutMs?: number }) => {
    const refusal = refusals[attempts.push(timeoutMs) - 1];
    if (refusal !== undefined) throw new ActivityEventsError(refusal);
    return "stored";
  };
  return { attempt, attempts };
}

test("tries again while the server is away, each time with what is left of the time", async () => {
  const { attempt, attempts } = append(unavailable, unavailable);

  const answer = await retryCall(attempt, { timeoutMs: 5_000 });

  expect(answer).toBe("stored");
  expect(attempts).toHaveLength(3);
  const left = (place: number) => attempts[place] ?? Number.NaN;
  expect(left(0)).toBeLessThanOrEqual(5_000);
  expect(left(1)).toBeLessThan(left(0));
  expect(left(2)).toBeLessThan(left(1));
});

test("waits as long as the server asks when it has too much to do", async () => {
  const { attempt } = append({ code: "RESOURCE_EXHAUSTED", message: "busy", retryDelayMs: 300 });
  const startMs = performance.now();

  await retryCall(attempt, { timeoutMs: 5_000 });

  expect(performance.now() - startMs).toBeGreaterThanOrEqual(299);
});

test("gives up at once, with the refusal, when the server asks for more than the time that is left", async () => {
  const { attempt, attempts } = append({ ...unavailable, retryDelayMs: 60_000 });

  const answer = retryCall(attempt, { timeoutMs: 1_000 });

  await expect(answer).rejects.toMatchObject({ code: "UNAVAILABLE", retryDelayMs: 60_000 });
  expect(attempts).toHaveLength(1);
});

test.each<Refusal>([
  { code: "INVALID_ARGUMENT", message: "wrong" },
  { code: "ALREADY_EXISTS", message: "other content" },
  { code: "RESOURCE_EXHAUSTED", message: "the disk is full" },
  { code: "DEADLINE_EXCEEDED", message: "late" },
])("never repeats a call that was answered with $code", async (refusal) => {
  const { attempt, attempts } = append(refusal);

  const answer = retryCall(attempt, { timeoutMs: 5_000 });

  await expect(answer).rejects.toMatchObject(refusal);
  expect(attempts).toHaveLength(1);
});

test("tells why the server was away when the last attempt only ran out of time", async () => {
  const { attempt } = append(unavailable, { code: "DEADLINE_EXCEEDED", message: "late" });

  const answer = retryCall(attempt, { timeoutMs: 5_000 });

  await expect(answer).rejects.toMatchObject({ code: "UNAVAILABLE", message: "away" });
});

test("ends with CANCELLED when the caller gives up while it waits", async () => {
  const { attempt } = append({ ...unavailable, retryDelayMs: 4_000 });
  const giveUp = new AbortController();

  const answer = retryCall(attempt, { timeoutMs: 5_000, signal: giveUp.signal });
  setTimeout(() => giveUp.abort(), 20);

  await expect(answer).rejects.toMatchObject({ code: "CANCELLED" });
});
