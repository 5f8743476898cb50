import type { DeploymentId } from "./domain/identifiers.ts";

let made = 0;

/**
 * Appends of one sender, each of which may only be stored when those to the same deployment before it were: once the
 * store has failed one, the later ones that are not yet stored are withdrawn.
 */
export class AppendSeries {
  /** Tells it from all others of this process. */
  readonly number: number;
  readonly #broken = new Set<DeploymentId>();

  constructor() {
    made += 1;
    this.number = made;
  }

  /** An append to this deployment failed: no later one may be stored. */
  break(deploymentId: DeploymentId): void {
    this.#broken.add(deploymentId);
  }

  isBroken(deploymentId: DeploymentId): boolean {
    return this.#broken.has(deploymentId);
  }
}
