import { setTimeout as sleep } from "node:timers/promises";

/** Waits until something is true; fails with its description when it is not within half a minute. */
export async function eventually(what: string, isTrue: () => boolean): Promise<void> {
  const endMs = performance.now() + 30_000;
  while (!isTrue()) {
    if (performance.now() > endMs) throw new Error(`it never came true that ${what}`);
    await sleep(20);
  }
}
