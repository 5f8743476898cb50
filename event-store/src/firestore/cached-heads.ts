import type { Timestamp } from "@google-cloud/firestore";
import type { Deployment } from "../domain/deployment.ts";
import type { DeploymentId } from "../domain/identifiers.ts";
import { limits } from "../limits.ts";

/** A head as it was last seen, and the time of its document's last update, which a commit takes as its precondition. */
export interface CachedHead {
  readonly head: Deployment;
  readonly updateTime: Timestamp;
}

/** The heads that this instance wrote last. They serve appends only: a wrong one costs an attempt, never an event. */
export class CachedHeads {
  readonly #heads = new Map<DeploymentId, CachedHead>();

  get(deploymentId: DeploymentId): CachedHead | undefined {
    return this.#heads.get(deploymentId);
  }

  set(deploymentId: DeploymentId, head: CachedHead): void {
    // The map keeps the order of insertion: the one used longest ago comes first.
    this.#heads.delete(deploymentId);
    this.#heads.set(deploymentId, head);
    if (this.#heads.size <= limits.cachedHeadsMax) return;
    for (const oldest of this.#heads.keys()) {
      this.#heads.delete(oldest);
      return;
    }
  }

  drop(deploymentId: DeploymentId): void {
    this.#heads.delete(deploymentId);
  }
}
