import type { Deployment } from "@activity-events/client";
import { type Change, type DeploymentCollection, isBefore, type Place } from "./deployment-collection.ts";
import { type DeploymentFilter, matches } from "./deployment-filter.ts";
import { type HeldDeployment, heldDeployment } from "./held-deployment.ts";
import { Listeners } from "./listeners.ts";

/** The newest deployments of the store by creation, as a watch shows them. */
export class HeldDeployments implements DeploymentCollection {
  readonly #heldMax: number;
  readonly #held = new Map<string, HeldDeployment>();
  /** In the order of lists. */
  #newestFirst: HeldDeployment[] = [];
  readonly #listeners = new Listeners<readonly Change[]>();
  readonly #damaged = new Set<string>();
  readonly #damageListeners = new Listeners<readonly string[]>();
  #leftOut = 0;
  #version = 0;

  constructor(heldMax: number) {
    this.#heldMax = heldMax;
  }

  /** Number of times that a deployment was left out, for it was older than all that are held. */
  get leftOut(): number {
    return this.#leftOut;
  }

  /** Grows with each change. */
  get version(): number {
    return this.#version;
  }

  get size(): number {
    return this.#held.size;
  }

  get(deploymentId: string): HeldDeployment | undefined {
    return this.#held.get(deploymentId);
  }

  values(): Iterable<HeldDeployment> {
    return this.#held.values();
  }

  list(
    filter: DeploymentFilter,
    after: Place | undefined,
    most: number,
    mayRead: (deploymentId: string) => boolean = () => true,
  ): readonly HeldDeployment[] {
    const found: HeldDeployment[] = [];
    let place = after === undefined ? 0 : this.#placeOf(after);
    if (after !== undefined && this.#newestFirst[place]?.deploymentId === after.deploymentId) place += 1;
    for (; found.length < most; place += 1) {
      const held = this.#newestFirst[place];
      if (held === undefined || held.createTimeUs < filter.createTimeFromUs) break;
      if (matches(filter, held) && mayRead(held.deploymentId)) found.push(held);
    }
    return found;
  }

  listen(onChanges: (changes: readonly Change[]) => void): () => void {
    return this.#listeners.add(onChanges);
  }

  /** Ids of deployments whose heads are damaged in the store. */
  get damaged(): readonly string[] {
    return [...this.#damaged];
  }

  listenToDamage(onDamaged: (deploymentIds: readonly string[]) => void): () => void {
    return this.#damageListeners.add(onDamaged);
  }

  noteDamaged(deploymentIds: readonly string[]): void {
    for (const id of deploymentIds) this.#damaged.add(id);
    this.#damageListeners.tell(deploymentIds);
  }

  /** Takes heads that are at least as new as those held. */
  show(heads: readonly Deployment[]): void {
    const changes: Change[] = [];
    for (const head of heads) {
      this.#damaged.delete(head.deploymentId);
      const after = heldDeployment(head);
      const { deploymentId } = after;
      const before = this.#held.get(deploymentId);
      // A list after a reconnect shows again what has not changed.
      if (before?.json === after.json) continue;
      const place = this.#placeOf(after);
      if (before !== undefined) this.#newestFirst[place] = after;
      else if (this.#held.size < this.#heldMax) this.#newestFirst.splice(place, 0, after);
      else if (place === this.#newestFirst.length) {
        this.#leftOut += 1;
        continue;
      } else {
        this.#newestFirst.splice(place, 0, after);
        changes.push(...this.#removeOldest());
      }
      this.#held.set(deploymentId, after);
      changes.push({ deploymentId, before, after });
    }
    this.#tell(changes);
  }

  remove(deploymentIds: readonly string[]): void {
    const changes: Change[] = [];
    for (const deploymentId of deploymentIds) {
      this.#damaged.delete(deploymentId);
      const before = this.#held.get(deploymentId);
      if (before === undefined) continue;
      this.#newestFirst.splice(this.#placeOf(before), 1);
      this.#held.delete(deploymentId);
      changes.push({ deploymentId, before, after: undefined });
    }
    this.#tell(changes);
  }

  clear(): void {
    this.#held.clear();
    this.#newestFirst = [];
    this.#damaged.clear();
    this.#leftOut = 0;
    this.#version += 1;
  }

  #tell(changes: readonly Change[]): void {
    if (changes.length === 0) return;
    this.#version += 1;
    this.#listeners.tell(changes);
  }

  #removeOldest(): Change[] {
    const before = this.#newestFirst.pop();
    if (before === undefined) return [];
    this.#leftOut += 1;
    this.#held.delete(before.deploymentId);
    return [{ deploymentId: before.deploymentId, before, after: undefined }];
  }

  /** Finds where a deployment is or belongs. Its creation never changes. */
  #placeOf(wanted: Place): number {
    let [from, to] = [0, this.#newestFirst.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      const found = this.#newestFirst[middle];
      if (found !== undefined && isBefore(found, wanted)) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}
