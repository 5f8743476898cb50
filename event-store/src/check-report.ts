import type { ContentCodec } from "./content-codec.ts";
import type { DamagedPlace } from "./store-error.ts";

/** Something that is wrong in a store's file. */
export interface Finding extends Partial<DamagedPlace> {
  readonly what: string;
}

/** What a check has found. */
export interface CheckReport {
  readonly deployments: number;
  readonly events: number;
  /** The first of what is wrong. */
  readonly findings: readonly Finding[];
  /** All that is wrong. */
  readonly found: number;
  /** The files are not what the last stop left: a start is refused. */
  readonly startRefused?: boolean;
  /** The file's schema, where it is older than this program's: its events are looked through once it is brought along. */
  readonly olderSchema: number | undefined;
}

export interface CheckOptions {
  /** Has SQLite compare its indexes with its tables, too. */
  readonly deep: boolean;
  /** Set, and loaded: each head is computed anew from its events, its history hash included. */
  readonly codec?: ContentCodec;
  readonly onProgress: (progress: { readonly events: number; readonly of: number }) => void;
}
