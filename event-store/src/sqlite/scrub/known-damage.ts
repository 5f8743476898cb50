import type { Deployment } from "../../domain/deployment.ts";
import type { DeploymentId } from "../../domain/identifiers.ts";
import type { DeploymentCursor, DeploymentPage, ReadDeployments } from "../../event-store.ts";
import { limits } from "../../limits.ts";
import { type DamagedEventPlace, type DamagedPlace, damageAt, type StoreFaultError } from "../../store-error.ts";
import { isBehind } from "../reading/listed-order.ts";

/** What is known of a damaged deployment. */
interface Known {
  /** What was found first. */
  readonly message: string;
  /** The last event that was found damaged, or above the head; 0: none was. */
  readonly sequence: number;
  /** Its place in the list of deployments, which leaves it out. */
  readonly unlisted: DeploymentCursor | undefined;
}

/**
 * The deployments in which a look through the store has found damage, so that what an index hides is not said to be absent.
 * Each is known until a whole look has not found it again.
 */
export class KnownDamage {
  #before: ReadonlyMap<DeploymentId, Known> = new Map();
  #found = new Map<DeploymentId, Known>();
  #onRefusal = () => {};

  /** Calls back when a read is refused for what is known; in place of whom it called before. */
  onRefusal(callback: () => void): void {
    this.#onRefusal = callback;
  }

  /** A look begins. */
  begin(): void {
    this.#before = new Map([...this.#before, ...this.#found]);
    this.#found = new Map();
  }

  /** It has seen all: what it has not found is mended. */
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

  /** Throws STORE_DAMAGED where what was not found may be there all the same. */
  checkNotHidden(deploymentId: DeploymentId): void {
    const known = this.#found.get(deploymentId) ?? this.#before.get(deploymentId);
    if (known !== undefined) throw this.#refusal(deploymentId, known.message);
    // Any may be one that was too much to remember.
    if (Math.max(this.#found.size, this.#before.size) < limits.damagedDeploymentsMax) return;
    throw this.#refusal(deploymentId, `${limits.damagedDeploymentsMax} deployments of the store are damaged, or more`);
  }

  #refusal(deploymentId: DeploymentId, message: string): StoreFaultError {
    this.#onRefusal();
    return damageAt({ deploymentId }, message);
  }

  /** The damage of a deployment whose head does not count an event that was found; undefined: no such event is known. */
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
   * The page, but it passes over no deployment that the list leaves out, and gives no head that is older than its events: one
   * ends before it, and one that would begin with it is refused as damage, with its place, behind which the list goes on.
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
      // Those of a page are in the order of the list.
      return first === undefined || isBehind(first.place as DeploymentCursor, place)
        ? damageAt(place, fault.message)
        : first;
    }
    return first;
  }
}
