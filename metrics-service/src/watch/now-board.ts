import { limits } from "../limits.ts";
import { type Change, type DeploymentCollection, isBefore, type Place } from "./deployment-collection.ts";
import { type DeploymentFilter, matches } from "./deployment-filter.ts";
import type { HeldDeployment } from "./held-deployment.ts";
import { Listeners } from "./listeners.ts";

/** The deployments that say what runs where now: for each service and environment a few, out of all that were ever made. */
export class NowBoard implements DeploymentCollection, Disposable {
  readonly #all: DeploymentCollection;
  /** Ids of all deployments, by service and environment. */
  readonly #cells = new Map<string, Set<string>>();
  /** Ids of those that are shown, by service and environment. */
  readonly #shown = new Map<string, ReadonlySet<string>>();
  /** Those that are shown, as listeners were told. */
  readonly #told = new Map<string, HeldDeployment>();
  readonly #listeners = new Listeners<readonly Change[]>();
  /** Services and environments with changes since the last look. */
  readonly #dirty = new Set<string>();
  readonly #onDirty: () => void;
  readonly #leave: () => void;

  /** Calls `onDirty` after each change, to be told to look soon. */
  constructor(all: DeploymentCollection, onDirty: () => void = () => {}) {
    this.#all = all;
    this.#onDirty = onDirty;
    this.#leave = all.listen((changes) => this.#note(changes));
    for (const after of all.values()) this.#note([{ deploymentId: after.deploymentId, before: undefined, after }]);
  }

  get(deploymentId: string): HeldDeployment | undefined {
    return this.#told.get(deploymentId);
  }

  values(): Iterable<HeldDeployment> {
    return this.#told.values();
  }

  list(filter: DeploymentFilter, after: Place | undefined, most: number): readonly HeldDeployment[] {
    this.lookNow();
    return [...this.#told.values()]
      .filter((held) => held.createTimeUs >= filter.createTimeFromUs && matches(filter, held))
      .filter((held) => after === undefined || isBefore(after, held))
      .sort((one, other) => (isBefore(one, other) ? -1 : 1))
      .slice(0, most);
  }

  listen(onChanges: (changes: readonly Change[]) => void): () => void {
    return this.#listeners.add(onChanges);
  }

  /** Takes all changes so far into account. */
  lookNow(): void {
    const touched = new Set<string>();
    for (const cell of this.#dirty) {
      const ids = this.#cells.get(cell) ?? new Set<string>();
      const shown = shownOf([...ids].flatMap((id) => this.#all.get(id) ?? []));
      for (const id of [...(this.#shown.get(cell) ?? []), ...shown]) touched.add(id);
      if (ids.size === 0) this.#cells.delete(cell);
      if (shown.size === 0) this.#shown.delete(cell);
      else this.#shown.set(cell, shown);
    }
    this.#dirty.clear();
    const changes = [...touched].flatMap((id) => this.#changeOf(id) ?? []);
    if (changes.length > 0) this.#listeners.tell(changes);
  }

  clear(): void {
    this.#cells.clear();
    this.#shown.clear();
    this.#told.clear();
    this.#dirty.clear();
  }

  [Symbol.dispose](): void {
    this.#leave();
  }

  #note(changes: readonly Change[]): void {
    for (const { deploymentId, before, after } of changes) {
      if (before !== undefined) {
        this.#cells.get(cellOf(before))?.delete(deploymentId);
        this.#dirty.add(cellOf(before));
      }
      if (after === undefined) continue;
      const cell = cellOf(after);
      const ids = this.#cells.get(cell) ?? new Set();
      this.#cells.set(cell, ids.add(deploymentId));
      this.#dirty.add(cell);
    }
    this.#onDirty();
  }

  /** One change of a deployment, also of one that has moved to another environment. */
  #changeOf(deploymentId: string): Change | undefined {
    const before = this.#told.get(deploymentId);
    const held = this.#all.get(deploymentId);
    const after = held !== undefined && this.#shown.get(cellOf(held))?.has(deploymentId) ? held : undefined;
    if (before === after) return undefined;
    if (after === undefined) this.#told.delete(deploymentId);
    else this.#told.set(deploymentId, after);
    return { deploymentId, before, after };
  }
}

/** Chooses those of one service and environment that are shown; of equal times the greater id goes first. */
function shownOf(deployments: readonly HeldDeployment[]): ReadonlySet<string> {
  const successes = deployments.filter(({ state, outcome }) => state === "finished" && outcome === "success");
  const removed = deployments.filter(({ removeTimeUs }) => removeTimeUs !== undefined);
  const chosen = [
    ...latest(successes, ({ finishTimeUs, updateTimeUs }) => finishTimeUs ?? updateTimeUs, limits.recentSuccessesMax),
    ...deployments.filter(({ state }) => state === "queued" || state === "running"),
    ...latest(deployments, ({ updateTimeUs }) => updateTimeUs, 1),
    ...latest(removed, ({ removeTimeUs = 0 }) => removeTimeUs, 1),
  ];
  return new Set(chosen.map(({ deploymentId }) => deploymentId));
}

/** Returns the latest of some deployments. */
function latest(
  deployments: readonly HeldDeployment[],
  timeOf: (held: HeldDeployment) => number,
  most: number,
): readonly HeldDeployment[] {
  const goesBefore = (one: HeldDeployment, other: HeldDeployment) =>
    timeOf(one) - timeOf(other) || (one.deploymentId > other.deploymentId ? 1 : -1);
  const found: HeldDeployment[] = [];
  for (const held of deployments) {
    const place = found.findIndex((kept) => goesBefore(held, kept) > 0);
    found.splice(place < 0 ? found.length : place, 0, held);
    found.length = Math.min(found.length, most);
  }
  return found;
}

function cellOf({ service, environment }: HeldDeployment): string {
  return JSON.stringify([service, environment]);
}
