import { setTimeout as sleep } from "node:timers/promises";
import type { Firestore } from "@google-cloud/firestore";
import { limits } from "../limits.ts";

/** Calls to Firestore that the library has not answered, those that nobody waits for any more included. */
const underWay = new Set<Promise<unknown>>();

/** Counts a call until the library answers it. */
export function countCall(call: Promise<unknown>): void {
  underWay.add(call);
  const answered = () => underWay.delete(call);
  call.then(answered, answered);
}

/**
 * Lets a client go. One with calls under way after some patience is left to the end of the process: the library would try
 * them again with a client that has ended, and throw what nobody can catch.
 */
export async function endClient(firestore: Firestore): Promise<void> {
  const abort = new AbortController();
  const patience = sleep(limits.firestoreCallTimeMs, undefined, { signal: abort.signal });
  await Promise.race([Promise.allSettled(underWay), patience]);
  abort.abort();
  patience.catch(() => {});
  if (underWay.size === 0) await firestore.terminate();
}
