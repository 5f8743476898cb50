import type { DeploymentId, Replay } from "@activity-events/event-store";

/** Wakes the mirror for a deployment with new events. Does not delay the answer and never throws. */
export interface Poker {
  poke(deploymentId: DeploymentId): void;
  /** Asks the mirror to publish events again, and resolves when the topic has the order. Throws the topic's fault. */
  replay(replay: Omit<Replay, "kind">): Promise<void>;
  /** Resolves when no poke is pending. */
  close(): Promise<void>;
}

/** Poker for a store without a mirror; does nothing. */
export const noPoker: Poker = { poke: () => {}, replay: async () => {}, close: async () => {} };
