import type { ContentCodec } from "./content-codec.ts";
import type { EventStore } from "./event-store.ts";
import type { FirestoreSettings } from "./firestore-settings.ts";
import type { OnMigration } from "./migration-progress.ts";
import type { MirrorStore } from "./mirror-store.ts";
import type { OnScrub } from "./scrub-report.ts";

/** Selected store and its settings. */
export type StoreSettings =
  | { readonly store: "memory" }
  | {
      readonly store: "sqlite";
      readonly file: string;
      /** Starts although acknowledged events are missing from the files; they are then lost for good. */
      readonly acceptLoss?: boolean;
    }
  | ({ readonly store: "firestore" } & FirestoreSettings);

/**
 * Opens a store. Only this file knows the adapters, and it loads them on demand. First migrates a file of an older
 * schema, reporting to `onMigration`; a store of files checks itself while it serves, reporting to `onScrub`.
 */
export async function openEventStore(
  settings: StoreSettings,
  codec: ContentCodec,
  {
    onMigration = () => {},
    onScrub = () => {},
  }: { readonly onMigration?: OnMigration; readonly onScrub?: OnScrub } = {},
): Promise<EventStore> {
  switch (settings.store) {
    case "memory": {
      const { openMemoryStore } = await import("./memory/store.ts");
      return openMemoryStore({ codec });
    }
    case "sqlite": {
      const { openSqliteStore } = await import("./sqlite/store.ts");
      const { file, acceptLoss } = settings;
      return openSqliteStore({ file, acceptLoss, codec, onMigration, onScrub });
    }
    case "firestore": {
      const { openFirestoreStore } = await import("./firestore/store.ts");
      return openFirestoreStore({ ...settings, codec });
    }
  }
}

/** Opens the mirror's view of a Firestore database. */
export async function openMirrorStore(settings: FirestoreSettings): Promise<MirrorStore> {
  const { openFirestoreMirrorStore } = await import("./firestore/mirror-store.ts");
  return openFirestoreMirrorStore(settings);
}

/** Commands on the files of a sqlite store. */
export async function sqliteFiles() {
  const [{ checkStore }, { checkOwnStore }, { copyStore }, { restoreStore }] = await Promise.all([
    import("./sqlite/commands/check-store.ts"),
    import("./sqlite/commands/check-own-store.ts"),
    import("./sqlite/commands/copy-store.ts"),
    import("./sqlite/commands/restore-store.ts"),
  ]);
  return { checkStore, checkOwnStore, copyStore, restoreStore };
}
