/** Progress of a migration. */
export interface MigrationProgress {
  readonly fromSchema: number;
  readonly toSchema: number;
  /** Migrated events, of all steps together. */
  readonly done: number;
  readonly total: number;
}

/** Called at the start of a migration, every few seconds, and at its end. */
export type OnMigration = (progress: MigrationProgress) => void;
