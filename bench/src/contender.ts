import type { Scratch } from "./scratch.ts";

/** A row of the table, with its unit. */
export interface Measure {
  /** Unique name, for the ratios: `group/what`. */
  readonly key: string;
  readonly title: string;
  readonly unit: "events/s" | "calls/s" | "lists/s" | "ms" | "µs" | "MB" | "KB";
}

/** A measured system or load. */
export interface Contender {
  readonly measures: readonly Measure[];
  /** Starts it; throws MissingToolError if the machine lacks a tool. */
  open(scratch: Scratch): Promise<OpenContender>;
}

export interface OpenContender {
  /** Measures once, for about `ms` if the duration is adjustable. */
  round(ms: number): Promise<Round>;
  /** Compares the measured operations with the stored data; returns each mismatch as a sentence. */
  verify(): Promise<readonly string[]>;
  close(): Promise<void>;
}

export interface Round {
  /** One value for each measure, in order. */
  readonly values: readonly number[];
  /** Time from sending an operation to its answer, in ms. */
  readonly latency?: Latency;
  /** CPU time per operation, in µs: of the load's process, and of the server with its children. */
  readonly cpu?: { readonly clientUs: number; readonly serverUs: number | undefined };
}

export interface Latency {
  readonly p50: number;
  readonly p99: number;
}

/** Contenders that take turns, round by round, so that a ratio compares the same moment. */
export interface Group {
  /** Name for `--only`. */
  readonly name: string;
  readonly title: string;
  readonly contenders: readonly Contender[];
}

/** The machine lacks a tool; the message says how to install it. */
export class MissingToolError extends Error {
  override readonly name = "MissingToolError";
}
