import type { DifferingFields } from "./domain/event.ts";
import type { EventStore } from "./event-store.ts";
import type { FirestoreSettings } from "./firestore-settings.ts";
import type { OnMigration } from "./migration-progress.ts";
import type { MirrorStore } from "./mirror-store.ts";

/** Which store, and what it needs. */
export type StoreSettings =
  | { readonly store: "memory" }
  | { readonly store: "sqlite"; readonly file: string }
  | ({ readonly store: "firestore" } & FirestoreSettings);

/**
 * Opens a store; the one place that knows the adapters, each loaded only when it is wanted. A file of an older schema is
 * brought to the newest first, of which `onMigration` is told.
 */
export async function openEventStore(
  settings: StoreSettings,
  differingFields: DifferingFields,
  { onMigration = () => {} }: { readonly onMigration?: OnMigration } = {},
): Promise<EventStore> {
  switch (settings.store) {
    case "memory": {
      const { openMemoryStore } = await import("./memory/store.ts");
      return openMemoryStore({ differingFields });
    }
    case "sqlite": {
      const { openSqliteStore } = await import("./sqlite/store.ts");
      return openSqliteStore({ file: settings.file, differingFields, onMigration });
    }
    case "firestore": {
      const { openFirestoreStore } = await import("./firestore/store.ts");
      return openFirestoreStore({ ...settings, differingFields });
    }
  }
}

/** Opens what the mirror needs of a Firestore database. */
export async function openMirrorStore(settings: FirestoreSettings): Promise<MirrorStore> {
  const { openFirestoreMirrorStore } = await import("./firestore/mirror-store.ts");
  return openFirestoreMirrorStore(settings);
}

/** Copies the sqlite store of a file, which may be in use, into a new file. Throws StoreOpenError when it cannot. */
export async function copyStore(file: string, target: string): Promise<void> {
  const { copyStore: copy } = await import("./sqlite/copy-store.ts");
  await copy(file, target);
}
