import { setTimeout as sleep } from "node:timers/promises";

/** Waits until something is true; fails with its description before jest ends the test. */
export async function eventually(what: string, isTrue: () => boolean): Promise<void> {
  const endMs = performance.now() + 240_000;
  while (!isTrue()) {
    if (performance.now() > endMs) throw new Error(`it never came true that ${what}`);
    await sleep(20);
  }
}
