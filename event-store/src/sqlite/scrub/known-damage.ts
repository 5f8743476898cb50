import type { DeploymentId } from "../../domain/identifiers.ts";
import type { DeploymentCursor, DeploymentPage, ReadDeployments } from "../../event-store.ts";
import { limits } from "../../limits.ts";
import { type DamagedPlace, damageAt, type StoreFaultError } from "../../store-error.ts";
import { isBehind } from "../reading/listed-order.ts";

/** A damaged deployment: its first finding, and whether the list of deployments omits it. */
interface Known {
  readonly message: string;
  readonly unlisted: DeploymentCursor | undefined;
}

/**
 * Deployments that a self-check found damaged, so that data hidden by an index is not reported as absent. A deployment
 * is forgotten after a complete self-check that does not find it again.
 */
export class KnownDamage {
  #before: ReadonlyMap<DeploymentId, Known> = new Map();
  #found = new Map<DeploymentId, Known>();

  /** Starts a self-check. */
  begin(): void {
    this.#before = new Map([...this.#before, ...this.#found]);
    this.#found = new Map();
  }

  /** Ends a complete self-check: damage that it did not find is repaired. */
  end(): void {
    this.#before = new Map();
  }

  note({ deploymentId, createTimeUs }: DamagedPlace, message: string): void {
    const known = this.#found.get(deploymentId);
    if (known === undefined && this.#found.size >= limits.damagedDeploymentsMax) return;
    const unlisted = createTimeUs === undefined ? known?.unlisted : { createTimeUs, deploymentId };
    this.#found.set(deploymentId, { message: known?.message ?? message, unlisted });
  }

  get isAny(): boolean {
    return this.#found.size + this.#before.size > 0;
  }

  /** Throws STORE_DAMAGED if data that was not found may exist. */
  checkNotHidden(deploymentId: DeploymentId): void {
    const known = this.#found.get(deploymentId) ?? this.#before.get(deploymentId);
    if (known !== undefined) throw damageAt({ deploymentId }, known.message);
    // Any deployment may be among those that were too many to remember.
    if (Math.max(this.#found.size, this.#before.size) < limits.damagedDeploymentsMax) return;
    throw damageAt({ deploymentId }, `${limits.damagedDeploymentsMax} deployments of the store are damaged, or more`);
  }

  /**
   * Checks a page of deployments for hidden ones. The page ends before one; a page that would start with one is refused
   * as damage, with the position after which the list continues.
   */
  untilUnlisted(page: DeploymentPage, { cursor }: Pick<ReadDeployments, "cursor">): DeploymentPage {
    const fault = this.#firstUnlisted(page, cursor);
    if (fault === undefined) return page;
    const place = fault.place as DeploymentCursor;
    const deployments = page.deployments.filter((head) => isBehind(place, head));
    const last = deployments.at(-1);
    if (last === undefined) throw fault;
    return { deployments, next: { createTimeUs: last.createTimeUs, deploymentId: last.deploymentId } };
  }

  #firstUnlisted({ deployments, next }: DeploymentPage, cursor: DeploymentCursor | undefined) {
    let first: StoreFaultError | undefined;
    for (const { message, unlisted } of [...this.#before.values(), ...this.#found.values()]) {
      if (unlisted === undefined) continue;
      const isOfPage =
        (cursor === undefined || isBehind(unlisted, cursor)) && (next === undefined || isBehind(next, unlisted));
      if (!isOfPage || deployments.some(({ deploymentId }) => deploymentId === unlisted.deploymentId)) continue;
      if (first === undefined || isBehind(first.place as DeploymentCursor, unlisted))
        first = damageAt(unlisted, message);
    }
    return first;
  }
}
