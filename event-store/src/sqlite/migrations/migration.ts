import type { DatabaseSync } from "node:sqlite";
import type { ContentCodec } from "../../content-codec.ts";
import type { OnMigration } from "../../migration-progress.ts";

/** What a migration needs. */
export interface MigrationOptions {
  readonly codec: ContentCodec;
  readonly onMigration: OnMigration;
}

/** What a step works with: the store as it was, which it only reads, and an empty file that becomes the one of its version. */
export interface Migration {
  readonly source: DatabaseSync;
  readonly target: DatabaseSync;
  readonly codec: ContentCodec;
  /** Is told of each event that has been brought along, and lets others have a turn now and then. */
  readonly onEvent: () => Promise<void> | void;
}

/** Brings a store along by one version. Throws STORE_DAMAGED, with the place, for one that contradicts itself. */
export type MigrationStep = (migration: Migration) => Promise<void>;
