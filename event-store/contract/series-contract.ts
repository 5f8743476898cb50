import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, test } from "@jest/globals";
import { AppendSeries, type NewEvent } from "../src/index.ts";
import { append, deploymentId, encode, newEvent, readEvents } from "./builders.ts";
import type { StoreUnderTest } from "./store-under-test.ts";

/** `refused` is an event that the store refuses as invalid. */
export function seriesContract(underTest: StoreUnderTest, refused: NewEvent | undefined): void {
  const within = (timeMs: number, series: AppendSeries) => ({ deadlineMs: Date.now() + timeMs, series });
  const request = (id: string, event: NewEvent) =>
    ({ deploymentId: deploymentId(id), events: [event], expected: { kind: "any" }, receiveTimeUs: 1 }) as const;
  const storedIds = async (id: string) => (await readEvents(underTest.store, id)).events.map(({ eventId }) => eventId);
  const named = (id: string) => newEvent({ id });

  test("withdraws what follows an append of the series that met a fault, in that deployment alone", async () => {
    const { store } = underTest;
    const [series, other] = [new AppendSeries(), new AppendSeries()];

    const answers = await Promise.allSettled([
      store.append(request("d", named("before")), within(20_000, series)),
      store.append(request("d", named("late")), within(-1, series)),
      store.append(request("d", named("after")), within(20_000, series)),
      store.append(request("e", named("elsewhere")), within(20_000, series)),
      store.append(request("d", named("of another")), within(20_000, other)),
    ]);
    const longAfter = store.append(request("d", named("long after")), within(20_000, series));

    await expect(longAfter).rejects.toMatchObject({ reason: "DEADLINE_PASSED" });
    expect(answers.map(({ status }) => status)).toEqual([
      "fulfilled",
      "rejected",
      "rejected",
      "fulfilled",
      "fulfilled",
    ]);
    expect(await storedIds("d")).toEqual(["before", "of another"]);
    expect(await storedIds("e")).toEqual(["elsewhere"]);
  });

  test("goes on with a series in which an id was taken by other content", async () => {
    const { store } = underTest;
    const series = new AppendSeries();
    await append(store, "d", [named("a")]);

    const answers = await Promise.allSettled([
      store.append(request("d", newEvent({ id: "a", content: encode({ message: "other" }) })), within(20_000, series)),
      store.append(request("d", named("b")), within(20_000, series)),
    ]);

    expect(answers.map(({ status }) => status)).toEqual(["rejected", "fulfilled"]);
    expect(await storedIds("d")).toEqual(["a", "b"]);
  });

  test("stores the appends of a series in the order given", async () => {
    const { store } = underTest;
    const series = new AppendSeries();
    const ids = Array.from({ length: 50 }, (_, index) => `${index}`);

    await Promise.all(ids.map((id) => store.append(request("d", named(id)), within(20_000, series))));

    expect(await storedIds("d")).toEqual(ids);
  });

  if (refused === undefined) return;

  test("withdraws what follows an append that the store refuses as invalid, and stores the neighbours", async () => {
    const { store } = underTest;
    const series = new AppendSeries();

    const answers = await Promise.allSettled([
      store.append(request("d", named("before")), within(20_000, series)),
      store.append(request("d", refused), within(20_000, series)),
      store.append(request("d", named("after")), within(20_000, series)),
      append(store, "d", [named("neighbour")]),
    ]);

    expect(answers.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected", "fulfilled"]);
    expect(answers[1]).toMatchObject({ reason: { reason: "STORE_REFUSED" } });
    expect(answers[2]).toMatchObject({ reason: { reason: "STORE_REFUSED" } });
    // The order of a stream and a call is not promised.
    expect((await storedIds("d")).sort()).toEqual(["before", "neighbour"]);
  });

  test("withdraws the many that came while the store was refusing one", async () => {
    const { store } = underTest;
    const series = new AppendSeries();

    const first = [named("before"), refused].map((event) => store.append(request("d", event), within(20_000, series)));
    await nextTurn();
    const after = Array.from({ length: 300 }, () => store.append(request("d", newEvent()), within(20_000, series)));
    const answers = await Promise.allSettled([...first, ...after]);

    expect(answers[0]).toMatchObject({ status: "fulfilled" });
    expect(new Set(answers.slice(1).map((answer) => answer.status === "rejected" && answer.reason.reason))).toEqual(
      new Set(["STORE_REFUSED"]),
    );
    expect(await storedIds("d")).toEqual(["before"]);
  });
}
