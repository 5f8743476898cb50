import { setTimeout as sleep } from "node:timers/promises";

/** Looks again and again until the condition holds; throws after `withinMs`, with what did not come true. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  { withinMs = 30_000 } = {},
): Promise<void> {
  const endMs = performance.now() + withinMs;
  while (!(await condition())) {
    if (performance.now() > endMs) throw new Error(`it did not come true within ${withinMs} ms that ${what}`);
    await sleep(10);
  }
}
