import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Place } from "../contract/event-store-contract.ts";
import type { EventStore } from "../src/index.ts";

/** A folder of its own for the sqlite stores of one test. */
export async function sqlitePlace(
  open: (file: string) => Promise<EventStore>,
): Promise<Place & { readonly file: string }> {
  const folder = await mkdtemp(join(tmpdir(), "event-store-"));
  const file = join(folder, "events.db");
  return {
    file,
    open: () => open(file),
    remove: () => rm(folder, { recursive: true }),
  };
}
