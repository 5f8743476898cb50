import type { DeploymentId } from "@activity-events/event-store";

/** Wakes the mirror for a deployment in which something was stored; off the path of the answer, and never throws. */
export interface Poker {
  poke(deploymentId: DeploymentId): void;
  /** Resolves when no poke is under way. */
  close(): Promise<void>;
}

/** Poker of a store without a mirror: there is nobody to wake. */
export const noPoker: Poker = { poke: () => {}, close: async () => {} };
