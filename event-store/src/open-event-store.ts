import type { DifferingFields } from "./domain/event.ts";
import type { EventStore } from "./event-store.ts";

/** Which store, and what it needs. */
export type StoreSettings = { readonly store: "memory" } | { readonly store: "sqlite"; readonly file: string };

/** Opens a store; the one place that knows the adapters, each loaded only when it is wanted. */
export async function openEventStore(settings: StoreSettings, differingFields: DifferingFields): Promise<EventStore> {
  switch (settings.store) {
    case "memory": {
      const { openMemoryStore } = await import("./memory/store.ts");
      return openMemoryStore({ differingFields });
    }
    case "sqlite": {
      const { openSqliteStore } = await import("./sqlite/store.ts");
      return openSqliteStore({ file: settings.file, differingFields });
    }
  }
}

/** Copies the sqlite store of a file, which may be in use, into a new file. Throws StoreOpenError when it cannot. */
export async function copyStore(file: string, target: string): Promise<void> {
  const { copyStore: copy } = await import("./sqlite/copy-store.ts");
  await copy(file, target);
}
