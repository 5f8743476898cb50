import { setTimeout as sleep } from "node:timers/promises";

/** Polls until the condition holds. Throws after `withinMs` with the text `what`. */
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
