import type { DeploymentId } from "@activity-events/event-store";

/** Wakes the mirror for a deployment with new events. Does not delay the answer and never throws. */
export interface Poker {
  poke(deploymentId: DeploymentId): void;
  /** Resolves when no poke is pending. */
  close(): Promise<void>;
}

/** Poker for a store without a mirror; does nothing. */
export const noPoker: Poker = { poke: () => {}, close: async () => {} };
