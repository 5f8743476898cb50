import type { DeploymentId } from "./domain/identifiers.ts";

/** Request to the mirror, as JSON on the topic of pokes, to publish a deployment's unpublished events. */
export interface Poke {
  readonly kind: "poke";
  readonly deploymentId: DeploymentId;
}

/**
 * Request to the mirror, on the same topic, to publish events again that it has published before. It has the deployment's id as its ordering
 * key, as pokes have. Sequences above the mirror's position are left to its runs.
 */
export interface Replay {
  readonly kind: "replay";
  readonly deploymentId: DeploymentId;
  /** First sequence, from 1. */
  readonly fromSequence: number;
  /** Last sequence. */
  readonly toSequence: number;
}
