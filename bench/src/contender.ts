import type { Scratch } from "./scratch.ts";

/** One row of the table: what is measured, in which unit. */
export interface Measure {
  /** Names it among all, for the ratios: `group/what`. */
  readonly key: string;
  readonly title: string;
  readonly unit: "events/s" | "lists/s" | "ms" | "MB" | "KB";
}

/** Something that is measured beside others. */
export interface Contender {
  readonly measures: readonly Measure[];
  /** Brings it up; throws MissingToolError when the machine lacks what it needs. */
  open(scratch: Scratch): Promise<OpenContender>;
}

export interface OpenContender {
  /** Measures once, for about `ms` where that can be chosen. */
  round(ms: number): Promise<Round>;
  /** Compares what was measured with what is stored: every mismatch in a sentence. */
  verify(): Promise<readonly string[]>;
  close(): Promise<void>;
}

export interface Round {
  /** One for each measure, in their order. */
  readonly values: readonly number[];
  /** Milliseconds from sending an operation to its answer. */
  readonly latency?: Latency;
  /** Microseconds of CPU for each operation: of the load's process, and of the server's with all its children. */
  readonly cpu?: { readonly clientUs: number; readonly serverUs: number | undefined };
}

export interface Latency {
  readonly p50: number;
  readonly p99: number;
}

/** Contenders that take turns, round by round, so that a ratio between them is of one moment. */
export interface Group {
  /** What `--only` takes. */
  readonly name: string;
  readonly title: string;
  readonly contenders: readonly Contender[];
}

/** The machine lacks what a contender needs; the message says how to get it. */
export class MissingToolError extends Error {
  override readonly name = "MissingToolError";
}
