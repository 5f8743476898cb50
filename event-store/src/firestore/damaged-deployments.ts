import type { Firestore } from "@google-cloud/firestore";
import { isPurged } from "../domain/deployment.ts";
import type { DeploymentId } from "../domain/identifiers.ts";
import { limits } from "../limits.ts";
import { aboveHead, type DamagedPlace, damageAt, StoreFaultError } from "../store-error.ts";
import { deploymentOf, eventDocumentOf } from "./documents.ts";
import { bounded } from "./faults.ts";
import { eventsQuery } from "./queries.ts";

interface DamagedDeploymentsOptions {
  readonly firestore: Firestore;
  /** Monotonic clock, in ms. */
  readonly clock: () => number;
}

interface MetDamage {
  readonly fault: StoreFaultError;
  readonly place: DamagedPlace;
  /** Earliest time of the next check. */
  readonly lookAgainMs: number;
}

/** Deployments with known damage. Nothing is appended to one until a check finds the damage repaired. */
export class DamagedDeployments {
  readonly #options: DamagedDeploymentsOptions;
  readonly #met = new Map<DeploymentId, MetDamage>();

  constructor(options: DamagedDeploymentsOptions) {
    this.#options = options;
  }

  /** Remembers the damage of an error; ignores any other error. */
  note(error: unknown): void {
    if (!(error instanceof StoreFaultError) || error.reason !== "STORE_DAMAGED" || error.place === undefined) return;
    const { place } = error;
    // An error that `check` repeats is not a new finding.
    if (this.#met.get(place.deploymentId)?.fault === error) return;
    this.#met.delete(place.deploymentId);
    this.#met.set(place.deploymentId, {
      fault: error,
      place,
      lookAgainMs: this.#options.clock() + limits.damageTimeMs,
    });
    if (this.#met.size <= limits.damagedDeploymentsMax) return;
    for (const oldest of this.#met.keys()) {
      this.#met.delete(oldest);
      return;
    }
  }

  /** Throws the damage of a deployment; checks its place again when it is time. */
  async check(deploymentId: DeploymentId): Promise<void> {
    const met = this.#met.get(deploymentId);
    if (met === undefined) return;
    if (this.#options.clock() < met.lookAgainMs) throw met.fault;
    await this.#look(met.place);
    if (this.#met.get(deploymentId) === met) this.#met.delete(deploymentId);
  }

  /**
   * Throws if an event is still damaged, missing or above the head; not of a purged deployment, which has none. The append itself notices a damaged head, because
   * it requires the known one.
   */
  async #look({ deploymentId, sequence }: DamagedPlace): Promise<void> {
    if (sequence === undefined) return;
    const snapshot = await bounded(this.#options.firestore.collection("deployments").doc(deploymentId).get());
    const head = deploymentOf(snapshot);
    if (head !== undefined && isPurged(head)) return;
    const query = eventsQuery(this.#options.firestore, { deploymentId, order: "ascending", cursor: sequence - 1 });
    const { docs } = await bounded(query.limit(1).get());
    const [event] = docs.map((document) => eventDocumentOf(document).stored);
    if (event?.sequence !== sequence) {
      throw damageAt({ deploymentId, sequence }, `event ${sequence} of ${deploymentId} is missing`);
    }
    // The event may be whole and the head older.
    if ((head?.headSequence ?? 0) >= sequence) return;
    throw aboveHead({ deploymentId, sequence });
  }
}
