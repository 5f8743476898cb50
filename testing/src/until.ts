import { setTimeout as sleep } from "node:timers/promises";

// Before jest ends the test, which would not say what was waited for.
const patienceMs = 240_000;

/** Looks again and again until the condition holds; throws in the end, with what did not come true. */
export async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const endMs = performance.now() + patienceMs;
  while (!(await condition())) {
    if (performance.now() > endMs) throw new Error(`it did not come true that ${what}`);
    await sleep(10);
  }
}
