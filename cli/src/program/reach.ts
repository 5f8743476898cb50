import type { CommandContext } from "./command-context.ts";

/** Waits for the service to be there, as long as a call may take: it may be just starting. Fails with what it met last. */
export async function reach({ client, timeoutMs }: CommandContext): Promise<void> {
  await client.connect({ timeoutMs });
}
