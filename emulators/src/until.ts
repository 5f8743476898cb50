import { setTimeout as sleep } from "node:timers/promises";

/** Looks again and again until the condition holds; throws after `withinMs`, with what did not come true. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  { withinMs }: { readonly withinMs: number },
): Promise<void> {
  const endMs = performance.now() + withinMs;
  while (!(await condition())) {
    if (performance.now() > endMs) throw new Error(`${what}: not within ${withinMs / 1_000} s`);
    await sleep(20);
  }
}
