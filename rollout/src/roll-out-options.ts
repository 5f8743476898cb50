import type { ControlPlane } from "./control-plane.ts";

/** Image, steps and limits of a roll-out. */
export interface RollOutOptions {
  readonly plane: ControlPlane;
  /** Image by digest. */
  readonly image: string;
  /** Increasing percentages of the traffic; the last is 100. */
  readonly steps: readonly number[];
  /** Time to watch each step. */
  readonly holdMs: number;
  readonly lookIntervalMs: number;
  /** Longest time until the new revision is ready. */
  readonly readyMaxMs: number;
  /** Share of failed requests above which to roll back. */
  readonly errorShareMax: number;
  /** Median latency above which to roll back. */
  readonly medianMaxMs: number;
  readonly monitoringEndpoint: string | undefined;
  readonly tell: (line: string) => void;
  /** Aborts when the user interrupts the roll-out; all traffic goes back. */
  readonly signal: AbortSignal;
}
