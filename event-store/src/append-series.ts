import type { DeploymentId } from "./domain/identifiers.ts";

let made = 0;

/**
 * Ordered appends of one sender: each may only be stored after the earlier ones to the same deployment. After a fault,
 * the later appends to that deployment that are not stored yet are withdrawn: rejected with the same fault.
 */
export class AppendSeries {
  /** Id, unique in this process. */
  readonly number: number;
  readonly #faults = new Map<DeploymentId, Error>();

  constructor() {
    made += 1;
    this.number = made;
  }

  /** Records that an append to this deployment met a fault. */
  break(deploymentId: DeploymentId, fault: Error): void {
    if (!this.#faults.has(deploymentId)) this.#faults.set(deploymentId, fault);
  }

  /** Returns the fault with which later appends to this deployment are withdrawn, if any. */
  faultIn(deploymentId: DeploymentId): Error | undefined {
    return this.#faults.get(deploymentId);
  }
}
