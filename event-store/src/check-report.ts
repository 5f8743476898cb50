import type { ContentCodec } from "./content-codec.ts";
import type { DamagedPlace } from "./store-error.ts";

/** A fault in a store's file. */
export interface Finding extends Partial<DamagedPlace> {
  readonly what: string;
}

/** Result of a check. */
export interface CheckReport {
  readonly deployments: number;
  readonly events: number;
  /** First faults. */
  readonly findings: readonly Finding[];
  /** Number of all faults. */
  readonly found: number;
  /**
   * Reason why the service refuses to start, if it does: the files are not those of the last stop, or cannot be read.
   */
  readonly start: "loss" | "unreadable" | undefined;
  /** Schema of the file, if older than this program's. The migration will check its events. */
  readonly olderSchema: number | undefined;
}

export interface CheckOptions {
  /** Also makes SQLite compare its indexes with its tables. */
  readonly deep: boolean;
  /** If set, each head is recomputed from its events, including its history hash. */
  readonly codec?: ContentCodec;
  readonly onProgress: (progress: { readonly events: number; readonly of: number }) => void;
}
