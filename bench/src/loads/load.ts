import type { Latency } from "../contender.ts";

/** What a load works on. */
export interface LoadOptions {
  /** `host:port` of the server, or the file where there is none. */
  readonly address: string;
  readonly inFlight: number;
  /** Over how many deployments the events are spread. */
  readonly deployments: number;
  /** Of a load that reads: how many events each of them holds. */
  readonly eventsEach?: number;
  /** Of a load on a bare database: the columns of its index. */
  readonly uniqueKey?: "deployment_id, event_id" | "event_id";
}

/** What puts load on a server, in a process of its own. */
export interface Load {
  /** Works for about `ms`; resolves when all that it began is answered. */
  round(ms: number): Promise<RoundOfLoad>;
  /** Takes in what a round left to be looked at, outside the time that is measured. */
  settle(): void;
  /** Compares what was answered with what the server holds: every mismatch in a sentence. */
  verify(): Promise<readonly string[]>;
  close(): Promise<void>;
}

export interface RoundOfLoad {
  readonly operations: number;
  readonly elapsedMs: number;
  /** Of each operation, from sending it to its answer. */
  readonly latenciesMs: readonly number[];
}

/** What the process answers about a round. */
export interface RoundReport {
  readonly operations: number;
  readonly elapsedMs: number;
  readonly latency: Latency;
  /** CPU time of the process in the round. */
  readonly cpuUs: number;
}

export type LoadRequest = { readonly kind: "round"; readonly ms: number } | { readonly kind: "verify" };

export type LoadAnswer =
  | { readonly kind: "ready" }
  | { readonly kind: "round"; readonly report: RoundReport }
  | { readonly kind: "verify"; readonly faults: readonly string[] }
  | { readonly kind: "failed"; readonly message: string };
