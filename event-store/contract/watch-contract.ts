import { until } from "@activity-events/testing/until";
import { expect, test } from "@jest/globals";
import type { EventStore, Listener } from "../src/index.ts";
import { append, deploymentId, newEvent, newEvents } from "./builders.ts";
import type { StoreUnderTest } from "./store-under-test.ts";

/** A watch and all that it has reported since it was ready. */
interface Watched extends Listener {
  readonly changed: string[];
  missed: number;
}

async function watch(store: EventStore, onChanged: () => void = () => {}): Promise<Watched> {
  const changed: string[] = [];
  const listener = store.watch({
    intervalMs: 15_000,
    onChanged: (ids) => {
      changed.push(...ids);
      onChanged();
    },
    onMissed: () => {
      watched.missed += 1;
    },
    onSilent: () => {},
  });
  const watched: Watched = { ready: listener.ready, close: () => listener.close(), changed, missed: 0 };
  await listener.ready;
  // What was there before may be reported as well.
  changed.splice(0);
  return watched;
}

export function watchContract(underTest: StoreUnderTest): void {
  test("tells which deployments change, of all", async () => {
    const { store } = underTest;
    await append(store, "before", newEvents(1));
    const watched = await watch(store);

    await Promise.all(["a", "b", "c"].map((id) => append(store, id, newEvents(2))));
    await append(store, "before", newEvents(1));

    await until(() => new Set(watched.changed).size === 4, "all are told");
    expect([...new Set(watched.changed)].sort()).toEqual(["a", "b", "before", "c"]);
    expect(watched.missed).toBe(0);
    watched.close();
  });

  test("a head that is read when it is told of is at least as new, up to the last one", async () => {
    const { store } = underTest;
    const read: number[] = [];
    let reading = Promise.resolve();
    const watched = await watch(store, () => {
      reading = reading.then(async () => {
        read.push((await store.readDeployment(deploymentId("d")))?.headSequence ?? 0);
      });
    });

    for (let n = 0; n < 30; n += 1) await append(store, "d", newEvents(1 + (n % 3)));

    const { headSequence = 0 } = (await store.readDeployment(deploymentId("d"))) ?? {};
    await until(() => read.at(-1) === headSequence, "the last head is read");
    await reading;
    expect(read).toEqual([...read].sort((a, b) => a - b));
    watched.close();
  });

  test("tells nothing of duplicates and of what was refused", async () => {
    const { store } = underTest;
    await append(store, "d", [newEvent({ id: "a", message: "same" })]);
    const watched = await watch(store);

    await append(store, "d", [newEvent({ id: "a", message: "same" })]);
    await append(store, "d", [newEvent({ id: "a", message: "other" })]).catch(() => {});
    await append(store, "e", newEvents(1));

    await until(() => watched.changed.includes("e"), "the other one is told");
    expect([...new Set(watched.changed)]).toEqual(["e"]);
    watched.close();
  });

  test("answers appends and tells the others when one throws, which is told no more", async () => {
    const { store } = underTest;
    let toldBroken = 0;
    const broken = store.watch({
      intervalMs: 15_000,
      onChanged: () => {
        toldBroken += 1;
        throw new Error("this watch is broken, as the test wants it");
      },
      onMissed: () => {},
      onSilent: () => {},
    });
    await broken.ready;
    const whole = await watch(store);

    const answers = await Promise.allSettled(["a", "b", "c"].map((id) => append(store, id, newEvents(1))));
    await until(() => new Set(whole.changed).size === 3, "the whole one is told");

    expect(answers.filter(({ status }) => status === "rejected")).toEqual([]);
    expect(toldBroken).toBe(1);
    broken.close();
    whole.close();
  });

  test("tells each until it is closed", async () => {
    const { store } = underTest;
    const [kept, closed] = [await watch(store), await watch(store)];
    await append(store, "a", newEvents(1));
    await until(() => kept.changed.includes("a") && closed.changed.includes("a"), "both are told");

    closed.close();
    await append(store, "b", newEvents(1));

    await until(() => kept.changed.includes("b"), "the one that stayed is told");
    expect(closed.changed).not.toContain("b");
    kept.close();
  });
}
