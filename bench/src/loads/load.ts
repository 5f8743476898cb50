import type { Latency } from "../contender.ts";

/** Target of a load. */
export interface LoadOptions {
  /** `host:port` of the server, or the file if there is no server. */
  readonly address: string;
  readonly inFlight: number;
  /** Number of deployments of the events. */
  readonly deployments: number;
  /** Number of the first deployment; by default 0. */
  readonly firstDeployment?: number;
  /** Token that each call brings. */
  readonly token?: string | undefined;
  /** Least time between the starts of two operations that follow each other, in ms; by default none. */
  readonly everyMs?: number;
  /** The calls exceed their principal's share, and a refusal for that is an answer as well. */
  readonly exceedsShare?: boolean;
  /** Events per deployment, for a load that reads. */
  readonly eventsEach?: number;
  /** Columns of the index, for a load on a bare database. */
  readonly uniqueKey?: "deployment_id, event_id" | "event_id";
}

/** A load on a server, in its own process. */
export interface Load {
  /** Runs for about `ms`; resolves when every operation is answered. */
  round(ms: number): Promise<RoundOfLoad>;
  /** Processes the results of a round outside the measured time. */
  settle(): void;
  /** Compares the answers with the server's data; returns each mismatch as a sentence. */
  verify(): Promise<readonly string[]>;
  close(): Promise<void>;
}

export interface RoundOfLoad {
  readonly operations: number;
  readonly elapsedMs: number;
  /** Latency of each operation, in ms. */
  readonly latenciesMs: readonly number[];
}

/** Report of the process about a round. */
export interface RoundReport {
  readonly operations: number;
  readonly elapsedMs: number;
  readonly latency: Latency;
  /** CPU time of the process in the round, in µs. */
  readonly cpuUs: number;
}

export type LoadRequest = { readonly kind: "round"; readonly ms: number } | { readonly kind: "verify" };

export type LoadAnswer =
  | { readonly kind: "ready" }
  | { readonly kind: "round"; readonly report: RoundReport }
  | { readonly kind: "verify"; readonly faults: readonly string[] }
  | { readonly kind: "failed"; readonly message: string };
