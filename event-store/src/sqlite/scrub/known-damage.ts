import type { Deployment } from "../../domain/deployment.ts";
import type { DeploymentId } from "../../domain/identifiers.ts";
import type { DeploymentCursor, DeploymentPage, ReadDeployments } from "../../event-store.ts";
import { limits } from "../../limits.ts";
import { type DamagedEventPlace, type DamagedPlace, damageAt, type StoreFaultError } from "../../store-error.ts";
import { isBehind } from "../reading/listed-order.ts";

/** A damaged deployment: its first finding, and whether the list of deployments omits it. */
interface Known {
  /** First finding. */
  readonly message: string;
  /** Last event found damaged or above the head; 0 if none was. */
  readonly sequence: number;
  /** Its place in the list of deployments, which leaves it out. */
  readonly unlisted: DeploymentCursor | undefined;
}

/**
 * Deployments that a self-check found damaged, so that data hidden by an index is not reported as absent. A deployment
 * is forgotten after a complete self-check that does not find it again.
 */
export class KnownDamage {
  #before: ReadonlyMap<DeploymentId, Known> = new Map();
  #found = new Map<DeploymentId, Known>();
  #onRefusal = () => {};

  /** Calls back when a read is refused for what is known; in place of whom it called before. */
  onRefusal(callback: () => void): void {
    this.#onRefusal = callback;
  }

  /** Starts a self-check. */
  begin(): void {
    this.#before = new Map([...this.#before, ...this.#found]);
    this.#found = new Map();
  }

  /** Ends a complete self-check: damage that it did not find is repaired. */
  end(): void {
    this.#before = new Map();
  }

  note({ deploymentId, sequence = 0, createTimeUs }: DamagedPlace, message: string): void {
    const known = this.#found.get(deploymentId);
    if (known === undefined && this.#found.size >= limits.damagedDeploymentsMax) return;
    const unlisted = createTimeUs === undefined ? known?.unlisted : { createTimeUs, deploymentId };
    this.#found.set(deploymentId, {
      message: known?.message ?? message,
      sequence: Math.max(known?.sequence ?? 0, sequence),
      unlisted,
    });
  }

  get isAny(): boolean {
    return this.#found.size + this.#before.size > 0;
  }

  /** Throws STORE_DAMAGED if data that was not found may exist. */
  checkNotHidden(deploymentId: DeploymentId): void {
    const known = this.#found.get(deploymentId) ?? this.#before.get(deploymentId);
    if (known !== undefined) throw this.#refusal(deploymentId, known.message);
    // Any deployment may be among those that were too many to remember.
    if (Math.max(this.#found.size, this.#before.size) < limits.damagedDeploymentsMax) return;
    throw this.#refusal(deploymentId, `${limits.damagedDeploymentsMax} deployments of the store are damaged, or more`);
  }

  #refusal(deploymentId: DeploymentId, message: string): StoreFaultError {
    this.noteRefusal();
    return damageAt({ deploymentId }, message);
  }

  /** Notes that a read was refused, so that the next self-check comes soon. */
  noteRefusal(): void {
    this.#onRefusal();
  }

  /** Returns the damage of a deployment whose head does not count a found event; undefined if no such event is known. */
  faultAbove({ deploymentId, sequence }: DamagedEventPlace): StoreFaultError | undefined {
    const known = this.#found.get(deploymentId) ?? this.#before.get(deploymentId);
    if (known === undefined || known.sequence <= sequence) return undefined;
    return damageAt({ deploymentId, sequence: sequence + 1 }, known.message);
  }

  /** Throws STORE_DAMAGED for a head that is older than its events. */
  checkNewest({ deploymentId, headSequence }: Deployment): void {
    const fault = this.faultAbove({ deploymentId, sequence: headSequence });
    if (fault !== undefined) throw fault;
  }

  /**
   * Checks a page of deployments for hidden ones and for heads older than their events. The page ends before one; a
   * page that would start with one is refused as damage, with the position after which the list continues.
   */
  untilDamaged(page: DeploymentPage, { cursor }: Pick<ReadDeployments, "cursor">): DeploymentPage {
    const fault = this.#firstDamaged(page, cursor);
    if (fault === undefined) return page;
    const place = fault.place as DeploymentCursor;
    const deployments = page.deployments.filter((head) => isBehind(place, head));
    const last = deployments.at(-1);
    if (last === undefined) throw fault;
    return { deployments, next: { createTimeUs: last.createTimeUs, deploymentId: last.deploymentId } };
  }

  #firstDamaged({ deployments, next }: DeploymentPage, cursor: DeploymentCursor | undefined) {
    let first: StoreFaultError | undefined;
    for (const { message, unlisted } of [...this.#before.values(), ...this.#found.values()]) {
      if (unlisted === undefined) continue;
      const isOfPage =
        (cursor === undefined || isBehind(unlisted, cursor)) && (next === undefined || isBehind(next, unlisted));
      if (!isOfPage || deployments.some(({ deploymentId }) => deploymentId === unlisted.deploymentId)) continue;
      if (first === undefined || isBehind(first.place as DeploymentCursor, unlisted))
        first = damageAt(unlisted, message);
    }
    for (const { deploymentId, createTimeUs, headSequence } of deployments) {
      const fault = this.faultAbove({ deploymentId, sequence: headSequence });
      if (fault === undefined) continue;
      const place = { deploymentId, createTimeUs };
      // Entries of a page are in the order of the list.
      return first === undefined || isBehind(first.place as DeploymentCursor, place)
        ? damageAt(place, fault.message)
        : first;
    }
    return first;
  }
}
