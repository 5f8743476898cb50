import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, test } from "@jest/globals";
import { append, deploymentId, newEvent, newEvents, readEvents, readSequences, sequencesTo } from "./builders.ts";
import type { StoreUnderTest } from "./store-under-test.ts";

export function failureContract(underTest: StoreUnderTest): void {
  test("drops an append whose deadline has passed before it was handed over", async () => {
    const { store } = underTest;
    const late = {
      deploymentId: deploymentId("d"),
      events: newEvents(1),
      expected: { kind: "any" },
      receiveTimeUs: 1,
    } as const;

    const refusal = store.append(late, { deadlineMs: Date.now() - 1 });

    await expect(refusal).rejects.toMatchObject({ reason: "DEADLINE_PASSED" });
    await append(store, "d", newEvents(1));
    expect(await readSequences(store, "d")).toEqual([1]);
  });

  test("drops an append whose caller has given up", async () => {
    const { store } = underTest;
    const given = {
      deploymentId: deploymentId("d"),
      events: newEvents(1),
      expected: { kind: "any" },
      receiveTimeUs: 1,
    } as const;

    const refusal = store.append(given, { deadlineMs: Date.now() + 10_000, signal: AbortSignal.abort() });

    await expect(refusal).rejects.toMatchObject({ reason: "DEADLINE_PASSED" });
    expect(await store.readDeployment(deploymentId("d"))).toBeUndefined();
  });

  test("answers when it is asked whether it does", async () => {
    await expect(underTest.store.probe()).resolves.toBeUndefined();
  });

  test("finishes what is under way before it closes", async () => {
    const { store } = underTest;

    const appends = Promise.all(Array.from({ length: 100 }, () => append(store, "d", newEvents(1))));
    await underTest.reopen();

    expect((await appends).flat()).toHaveLength(100);
  });

  test("finishes what waits for the commit that is under way before it closes", async () => {
    const { store } = underTest;
    const first = append(store, "d", newEvents(1));
    // The first commit has started, and each of these fills its own.
    await nextTurn();
    const waiting = Array.from({ length: 4 }, () => append(store, "d", newEvents(300)));

    await underTest.reopen();

    expect((await Promise.all([first, ...waiting])).flat()).toHaveLength(1_201);
  });

  test("holds after it was opened again what it acknowledged, if it is durable", async () => {
    const { store } = underTest;
    await append(store, "d", newEvents(3, { environment: "prod" }));
    await append(store, "e", [newEvent({ id: "a" })]);
    const before = { events: await readEvents(store, "d"), head: await store.readDeployment(deploymentId("d")) };

    const reopened = await underTest.reopen();

    const after = { events: await readEvents(reopened, "d"), head: await reopened.readDeployment(deploymentId("d")) };
    if (!store.traits.durable) {
      expect(after).toEqual({ events: { events: [], cursor: undefined, looked: 0, more: false }, head: undefined });
      return;
    }
    expect(after).toEqual(before);
    const [again, next] = await append(reopened, "e", [newEvent({ id: "a" }), newEvent()]);
    expect(again).toMatchObject({ duplicate: true, event: { sequence: 1 } });
    expect(next).toMatchObject({ duplicate: false, event: { sequence: 2 } });
    await append(reopened, "d", newEvents(1));
    expect(await readSequences(reopened, "d")).toEqual(sequencesTo(4));
  });
}
