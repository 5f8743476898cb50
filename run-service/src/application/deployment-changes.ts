import type { DeploymentId } from "@activity-events/event-store";
import { limits } from "../limits.ts";

/** A change of a deployment; later changes have greater numbers. */
interface Change {
  readonly number: number;
  readonly deploymentId: DeploymentId;
}

/** Deployments that changed, the earliest first, and the number up to which they are all. */
export interface Changed {
  readonly deploymentIds: readonly DeploymentId[];
  readonly to: number;
}

/**
 * The deployments that changed last, each once, in the order of their last change, for all watchers of an instance. A watcher holds only
 * the number up to which it has read, so that a slow one costs nothing.
 */
export class DeploymentChanges {
  /** In order of number; some are of deployments that changed again. */
  #changes: Change[] = [];
  readonly #lastOf = new Map<DeploymentId, number>();
  #last = 0;
  /** Greatest number whose change is forgotten. */
  #forgotten = 0;

  /** Number of the last change; 0 before the first. */
  get last(): number {
    return this.#last;
  }

  add(deploymentIds: readonly DeploymentId[]): void {
    for (const deploymentId of deploymentIds) {
      this.#last += 1;
      this.#lastOf.set(deploymentId, this.#last);
      this.#changes.push({ number: this.#last, deploymentId });
    }
    // Half of them may have changed again, so that this is seldom done.
    if (this.#changes.length > 2 * limits.changedDeploymentsMax) this.#compact();
  }

  /** Forgets all: which deployments changed is not known. */
  forget(): void {
    this.#last += 1;
    this.#forgotten = this.#last;
    this.#changes = [];
    this.#lastOf.clear();
  }

  /**
   * Returns deployments that changed after this number, the earliest first, and the number up to which they are all. Undefined: too many
   * have changed since.
   */
  after(number: number, max: number): Changed | undefined {
    if (number < this.#forgotten) return undefined;
    const deploymentIds: DeploymentId[] = [];
    for (let index = this.#indexAfter(number); index < this.#changes.length; index += 1) {
      const change = this.#changes[index] as Change;
      if (this.#lastOf.get(change.deploymentId) !== change.number) continue;
      deploymentIds.push(change.deploymentId);
      if (deploymentIds.length === max) return { deploymentIds, to: change.number };
    }
    return { deploymentIds, to: this.#last };
  }

  #indexAfter(number: number): number {
    let [low, high] = [0, this.#changes.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#changes[middle] as Change).number > number) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #compact(): void {
    const newest = this.#changes.filter(({ deploymentId, number }) => this.#lastOf.get(deploymentId) === number);
    const tooMany = newest.slice(0, Math.max(0, newest.length - limits.changedDeploymentsMax));
    for (const { deploymentId, number } of tooMany) {
      this.#lastOf.delete(deploymentId);
      this.#forgotten = number;
    }
    this.#changes = newest.slice(tooMany.length);
  }
}
