import type { Deployment } from "../domain/deployment.ts";
import type { StoredEvent } from "../domain/event.ts";
import type { DeploymentId, EventId } from "../domain/identifiers.ts";

/** State of one deployment in a memory store. */
export interface MemoryDeployment {
  readonly head: Deployment;
  /** Events by sequence: that of sequence n is at n - 1. */
  readonly events: StoredEvent[];
  readonly byId: Map<EventId, StoredEvent>;
}

export type MemoryState = Map<DeploymentId, MemoryDeployment>;

/** An event with its deployment; undefined once it is purged. */
export type MemoryArrival = { readonly deploymentId: DeploymentId; readonly eventId: EventId } | undefined;
