import type { DeploymentId } from "./domain/identifiers.ts";
import { limits } from "./limits.ts";

/** The heads that were written last, as an adapter needs them to append without reading. */
export class CachedHeads<Head> {
  readonly #heads = new Map<DeploymentId, Head>();

  get(deploymentId: DeploymentId): Head | undefined {
    return this.#heads.get(deploymentId);
  }

  set(deploymentId: DeploymentId, head: Head): void {
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

  clear(): void {
    this.#heads.clear();
  }
}
