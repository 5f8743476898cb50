import type { CommandContext } from "./command-context.ts";

// Long enough for a service that is just starting, short enough for a wrong address.
const reachTimeMs = 3_000;

/** Waits for the service to be there, up to three seconds; fails with UNAVAILABLE. What comes after may retry for longer. */
export async function reach({ client, timeoutMs }: CommandContext): Promise<void> {
  await client.connect({ timeoutMs: Math.min(reachTimeMs, timeoutMs) });
}
