/** How far a store has been brought along. */
export interface MigrationProgress {
  readonly fromSchema: number;
  readonly toSchema: number;
  /** Events that have been brought along, of all steps together. */
  readonly done: number;
  readonly total: number;
}

/** Is told when a migration begins, every few seconds, and when it has come to its end. */
export type OnMigration = (progress: MigrationProgress) => void;
