import type { DatabaseSync } from "node:sqlite";
import type { ContentCodec } from "../../content-codec.ts";
import type { OnMigration } from "../../migration-progress.ts";

/** Codec and progress callback of a migration. */
export interface MigrationOptions {
  readonly codec: ContentCodec;
  readonly onMigration: OnMigration;
}

/** Input of a step: the old store, read only, and an empty file for the new version. */
export interface Migration {
  readonly source: DatabaseSync;
  readonly target: DatabaseSync;
  readonly codec: ContentCodec;
  /** Called for each migrated event; lets other work have a turn now and then. */
  readonly onEvent: () => Promise<void> | void;
}

/** Migrates a store by one version. Throws STORE_DAMAGED, with the place, if it contradicts itself. */
export type MigrationStep = (migration: Migration) => Promise<void>;
