import type { DeploymentId } from "../../domain/identifiers.ts";
import { limits } from "../../limits.ts";
import { damageAt } from "../../store-error.ts";
import { type Fault, faultOf } from "../faults.ts";

/**
 * Why nothing is appended to some deployments any more: what stands there contradicts itself. Bounded: none is forgotten, since
 * an append may not meet the damage again, so where there are too many to remember, any may be one of them.
 */
export class DamagedDeployments {
  readonly #known = new Map<DeploymentId, Fault>();

  note(deploymentId: DeploymentId, fault: Fault): void {
    if (this.#isFull && !this.#known.has(deploymentId)) return;
    this.#known.set(deploymentId, fault);
  }

  /** Why nothing is appended to this deployment; undefined: nothing is known against it. */
  find(deploymentId: DeploymentId): Fault | undefined {
    const known = this.#known.get(deploymentId);
    if (known !== undefined || !this.#isFull) return known;
    const message = `${limits.sqliteDamagedDeploymentsMax} deployments of the store are damaged, or more`;
    return faultOf(damageAt({ deploymentId }, message));
  }

  /** Somebody has written the file, and may have mended it. */
  clear(): void {
    this.#known.clear();
  }

  get #isFull(): boolean {
    return this.#known.size >= limits.sqliteDamagedDeploymentsMax;
  }
}
