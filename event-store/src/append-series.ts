import type { DeploymentId } from "./domain/identifiers.ts";

let made = 0;

/**
 * Appends of one sender, each of which may only be stored when those to the same deployment before it were. Once one has
 * met a fault, the later ones to that deployment that are not stored yet are withdrawn: rejected with the same fault.
 */
export class AppendSeries {
  /** Tells it from all others of this process. */
  readonly number: number;
  readonly #faults = new Map<DeploymentId, Error>();

  constructor() {
    made += 1;
    this.number = made;
  }

  /** An append to this deployment met a fault. */
  break(deploymentId: DeploymentId, fault: Error): void {
    if (!this.#faults.has(deploymentId)) this.#faults.set(deploymentId, fault);
  }

  /** What the later appends to this deployment are withdrawn with, or undefined. */
  faultIn(deploymentId: DeploymentId): Error | undefined {
    return this.#faults.get(deploymentId);
  }
}
