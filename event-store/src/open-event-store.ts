import type { ContentCodec } from "./content-codec.ts";
import type { EventStore } from "./event-store.ts";
import type { FirestoreSettings } from "./firestore-settings.ts";
import type { OnMigration } from "./migration-progress.ts";
import type { MirrorStore } from "./mirror-store.ts";
import type { OnScrub } from "./scrub-report.ts";

/** Which store, and what it needs. */
export type StoreSettings =
  | { readonly store: "memory" }
  | {
      readonly store: "sqlite";
      readonly file: string;
      /** Starts without acknowledged events that are missing from the files; they are lost for good then. */
      readonly acceptLoss?: boolean;
    }
  | ({ readonly store: "firestore" } & FirestoreSettings);

/**
 * Opens a store; the one place that knows the adapters, each loaded only when it is wanted. A file of an older schema is
 * brought to the newest first, of which `onMigration` is told; a store of files looks itself through while it serves, of which
 * `onScrub` is told.
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

/** Opens what the mirror needs of a Firestore database. */
export async function openMirrorStore(settings: FirestoreSettings): Promise<MirrorStore> {
  const { openFirestoreMirrorStore } = await import("./firestore/mirror-store.ts");
  return openFirestoreMirrorStore(settings);
}

/** What is done with the files of a sqlite store besides serving from them. */
export async function sqliteFiles() {
  const [{ checkStore }, { checkOwnStore }, { copyStore }, { restoreStore }] = await Promise.all([
    import("./sqlite/commands/check-store.ts"),
    import("./sqlite/commands/check-own-store.ts"),
    import("./sqlite/commands/copy-store.ts"),
    import("./sqlite/commands/restore-store.ts"),
  ]);
  return { checkStore, checkOwnStore, copyStore, restoreStore };
}
