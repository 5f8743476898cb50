import type { DamagedPlace, StoreFaultReason } from "./store-error.ts";

/** A fault that a self-check found in a store's file. */
export interface ScrubFinding {
  readonly reason: StoreFaultReason;
  readonly message: string;
  /** Undefined if unknown. */
  readonly place?: DamagedPlace | undefined;
}

/** A finished self-check. */
export interface ScrubPass {
  readonly deployments: number;
  readonly events: number;
  /** Number of all faults, including unreported ones. */
  readonly found: number;
  readonly durationMs: number;
  /** Reason why it ended early. */
  readonly fault: ScrubFinding | undefined;
}

/**
 * Reports of self-checks. Each pass reports the first finding of each deployment, and each without a place, up to
 * `limits.scrubFindingsMax` in all.
 */
export type ScrubReport =
  | { readonly kind: "finding"; readonly finding: ScrubFinding }
  | { readonly kind: "pass"; readonly pass: ScrubPass };

export type OnScrub = (report: ScrubReport) => void;
