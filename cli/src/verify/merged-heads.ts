import type { Fault } from "@activity-events/client";
import { comparePlaces } from "./checkpoint-entry.ts";
import type { ListedHead } from "./listed-heads.ts";
import { placeOf } from "./match-checkpoint.ts";

type Heads = AsyncGenerator<ListedHead, void, undefined>;

/**
 * Merges two lists of one store, both in the order of ListDeployments: a head that both have comes once, as `fuller` shows it, and
 * so does a fault. Keeps one head of each in memory. What breaks the order in a list breaks it in the result.
 */
export async function* mergedHeads(plain: Heads, fuller: Heads): Heads {
  const faults = new Map<string, { plain: number; fuller: number }>();
  /** Tells whether the other list has not told as many faults like this one. */
  const isNew = (list: "plain" | "fuller", fault: Fault) => {
    const key = JSON.stringify([fault.kind, fault.deploymentId, fault.description]);
    const counts = faults.get(key) ?? { plain: 0, fuller: 0 };
    faults.set(key, counts);
    counts[list] += 1;
    return counts[list] > counts[list === "plain" ? "fuller" : "plain"];
  };
  let [one, other] = [await plain.next(), await fuller.next()];
  while (!one.done || !other.done) {
    if (!one.done && one.value.kind === "fault") {
      if (isNew("plain", one.value.fault)) yield one.value;
      one = await plain.next();
    } else if (!other.done && other.value.kind === "fault") {
      if (isNew("fuller", other.value.fault)) yield other.value;
      other = await fuller.next();
    } else {
      const order = orderOf(one.done ? undefined : one.value, other.done ? undefined : other.value);
      const next = order < 0 ? one : other;
      if (!next.done) yield next.value;
      if (order <= 0) one = await plain.next();
      if (order >= 0) other = await fuller.next();
    }
  }
}

/** Negative if the first one comes before the second; an ended list comes last. */
function orderOf(one: ListedHead | undefined, other: ListedHead | undefined): number {
  if (one?.kind !== "head") return 1;
  return other?.kind === "head" ? comparePlaces(placeOf(one.head), placeOf(other.head)) : -1;
}
