import { setTimeout as sleep } from "node:timers/promises";
import type { Firestore } from "@google-cloud/firestore";
import { limits } from "../limits.ts";

/** Unanswered calls of the library, including abandoned ones. */
const underWay = new Set<Promise<unknown>>();

/** Counts a call until the library answers. */
export function countCall(call: Promise<unknown>): void {
  underWay.add(call);
  const answered = () => underWay.delete(call);
  call.then(answered, answered);
}

/**
 * Closes a client, unless calls are still pending after a while. It then lives until the end of the process, because
 * the library would retry them on a closed client and throw uncatchable errors.
 */
export async function endClient(firestore: Firestore): Promise<void> {
  const abort = new AbortController();
  const patience = sleep(limits.firestoreCallTimeMs, undefined, { signal: abort.signal });
  await Promise.race([Promise.allSettled(underWay), patience]);
  abort.abort();
  patience.catch(() => {});
  if (underWay.size === 0) await firestore.terminate();
}
