import { join } from "node:path";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import type { Place } from "../contract/event-store-contract.ts";
import type { EventStore } from "../src/index.ts";

/** A folder of its own for the sqlite stores of one test. */
export async function sqlitePlace(
  open: (file: string) => Promise<EventStore>,
): Promise<Place & { readonly file: string }> {
  const folder = temporaryFolder();
  const file = join(folder.path, "events.db");
  const opened: EventStore[] = [];
  return {
    file,
    open: async () => {
      const store = await open(file);
      opened.push(store);
      return store;
    },
    remove: async () => {
      // A test that failed before it closed its store; a second close of the others says that their threads are gone.
      await Promise.allSettled(opened.map((store) => store.close()));
      folder[Symbol.dispose]();
    },
  };
}
