import type { ControlPlane } from "./control-plane.ts";

/** What a roll-out is told. */
export interface RollOutOptions {
  readonly plane: ControlPlane;
  /** By digest. */
  readonly image: string;
  /** Percents of the traffic, rising, the last one 100. */
  readonly steps: readonly number[];
  /** How long each step is looked at. */
  readonly holdMs: number;
  readonly lookIntervalMs: number;
  /** How long the new revision may take to get ready. */
  readonly readyMaxMs: number;
  /** More errors than this share of the requests are a bad sign. */
  readonly errorShareMax: number;
  /** A median above this is a bad sign. */
  readonly medianMaxMs: number;
  readonly monitoringEndpoint: string | undefined;
  readonly tell: (line: string) => void;
  /** Aborts when whoever started it wants it to end: all traffic goes back. */
  readonly signal: AbortSignal;
}
