/** A value of the settings' file. An empty one counts as unset. */
export interface FileValue {
  readonly value: string;
  /** File, line and column of the value, for faults. */
  readonly place: string;
}

/** Settings of the file, by name. */
export type FileSettings = ReadonlyMap<string, FileValue>;
