import { setTimeout as sleep } from "node:timers/promises";

// In ms; shorter than jest's time limit, which would not name the condition.
const patienceMs = 240_000;

/** Polls until the condition holds; throws an error with `what` in the end. */
export async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const endMs = performance.now() + patienceMs;
  while (!(await condition())) {
    if (performance.now() > endMs) throw new Error(`it did not come true that ${what}`);
    await sleep(10);
  }
}
