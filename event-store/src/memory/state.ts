import type { Deployment } from "../domain/deployment.ts";
import type { StoredEvent } from "../domain/event.ts";
import type { DeploymentId, EventId } from "../domain/identifiers.ts";

/** All that a memory store holds of one deployment. */
export interface MemoryDeployment {
  readonly head: Deployment;
  /** By sequence: the event of sequence n is at n - 1. */
  readonly events: StoredEvent[];
  readonly byId: Map<EventId, StoredEvent>;
}

export type MemoryState = Map<DeploymentId, MemoryDeployment>;
