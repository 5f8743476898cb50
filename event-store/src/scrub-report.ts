import type { DamagedPlace, StoreFaultReason } from "./store-error.ts";

/** Something that a store has found wrong in its own file while it looked itself through. */
export interface ScrubFinding {
  readonly reason: StoreFaultReason;
  readonly message: string;
  /** Undefined: nothing says which deployment it is about. */
  readonly place?: DamagedPlace | undefined;
}

/** A look at the whole store that has ended. */
export interface ScrubPass {
  readonly deployments: number;
  readonly events: number;
  /** All that is wrong, also what was not told one by one. */
  readonly found: number;
  readonly durationMs: number;
  /** Why it ended before it had seen all. */
  readonly fault: ScrubFinding | undefined;
}

/**
 * What a store tells of looking itself through: in a pass the first finding of each deployment, and each that has no place, up
 * to `limits.scrubFindingsMax` in all.
 */
export type ScrubReport =
  | { readonly kind: "finding"; readonly finding: ScrubFinding }
  | { readonly kind: "pass"; readonly pass: ScrubPass };

export type OnScrub = (report: ScrubReport) => void;
