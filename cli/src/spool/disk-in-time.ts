import { setTimeout as sleep } from "node:timers/promises";

/** Longest time that the disk of the spool is waited for, in ms: a network's disk may hang, and the events are sent without it. */
export const diskPatienceMs = 1_000;

/** Returns what an operation of the disk returns; throws an error if that takes too long. */
export async function diskInTime<Result>(operation: Promise<Result>): Promise<Result> {
  const done = new AbortController();
  const late = sleep(diskPatienceMs, "late" as const, { signal: done.signal }).catch(() => "late" as const);
  try {
    const first = await Promise.race([operation.then((result) => ({ result })), late]);
    if (first !== "late") return first.result;
  } finally {
    done.abort();
  }
  throw new Error(`the disk did not answer within ${diskPatienceMs / 1_000} s`);
}
