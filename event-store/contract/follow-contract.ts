import { until } from "@activity-events/testing/until";
import { expect, test } from "@jest/globals";
import type { Notice, StoredEvent } from "../src/index.ts";
import { append, deploymentId, newEvent, newEvents, readEvents, sequencesTo } from "./builders.ts";
import type { StoreUnderTest } from "./store-under-test.ts";

export function followContract(underTest: StoreUnderTest): void {
  test("tells a listener of what is stored from now on, once, in sequence order", async () => {
    const { store } = underTest;
    await append(store, "d", newEvents(2));
    const told: StoredEvent[] = [];

    const listener = store.listen(deploymentId("d"), ({ events }) => told.push(...events));
    await listener.ready;
    await Promise.all(Array.from({ length: 50 }, (_, index) => append(store, "d", newEvents(1 + (index % 3)))));

    const { events } = await readEvents(store, "d");
    await until(() => told.at(-1)?.sequence === events.length, "all events are told");
    expect(told).toEqual(events.slice(-told.length));
    expect(told.map(({ sequence }) => sequence)).toEqual(sequencesTo(events.length).slice(2));
    listener.close();
  });

  test("tells nothing of other deployments, of duplicates, and of what was refused", async () => {
    const { store } = underTest;
    await append(store, "d", [newEvent({ id: "a" })]);
    const told: number[] = [];

    const listener = store.listen(deploymentId("d"), ({ events }) =>
      told.push(...events.map(({ sequence }) => sequence)),
    );
    await listener.ready;
    await append(store, "e", newEvents(1));
    await append(store, "d", [newEvent({ id: "a" })]);
    await append(store, "d", [newEvent({ id: "a", message: "other" })]).catch(() => {});
    await append(store, "d", newEvents(1));

    await until(() => told.length > 0, "the first event is told");
    expect(told).toEqual([2]);
    listener.close();
  });

  test("answers appends and tells the other listeners when one throws, which is told no more", async () => {
    const { store } = underTest;
    const told: number[] = [];
    let toldBroken = 0;
    const broken = store.listen(deploymentId("d"), () => {
      toldBroken += 1;
      throw new Error("this listener is broken, as the test wants it");
    });
    const whole = store.listen(deploymentId("d"), ({ events }) => told.push(...events.map(({ sequence }) => sequence)));
    await Promise.all([broken.ready, whole.ready]);

    const appends = Array.from({ length: 20 }, (_, index) => append(store, index % 2 === 0 ? "d" : "e", newEvents(1)));
    const answers = await Promise.allSettled([...appends, append(store, "d", newEvents(3))]);

    expect(answers.filter(({ status }) => status === "rejected")).toEqual([]);
    await until(() => told.length >= 13, "all events are told");
    expect(told).toEqual(sequencesTo(13));
    expect(toldBroken).toBe(1);
    broken.close();
    whole.close();
  });

  test("tells each listener until it is closed", async () => {
    const { store } = underTest;
    const told: Record<string, number> = { kept: 0, closed: 0 };
    const count =
      (name: string) =>
      ({ events }: Notice) => {
        told[name] = (told[name] ?? 0) + events.length;
      };

    const kept = store.listen(deploymentId("d"), count("kept"));
    const closed = store.listen(deploymentId("d"), count("closed"));
    await Promise.all([kept.ready, closed.ready]);
    await append(store, "d", newEvents(1));
    await until(() => told.kept === 1 && told.closed === 1, "both listeners are told");
    closed.close();
    await append(store, "d", newEvents(1));

    await until(() => told.kept === 2, "the one that stayed is told");
    expect(told.closed).toBe(1);
    kept.close();
  });
}
