import type { DeploymentId } from "./domain/identifiers.ts";
import { limits } from "./limits.ts";

/** Caches recently written heads, so that an adapter can append without reading. */
export class CachedHeads<Head> {
  readonly #heads = new Map<DeploymentId, Head>();

  get(deploymentId: DeploymentId): Head | undefined {
    return this.#heads.get(deploymentId);
  }

  set(deploymentId: DeploymentId, head: Head): void {
    // A map keeps insertion order, so the least recently used comes first.
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
