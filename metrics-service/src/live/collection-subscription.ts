import { limits } from "../limits.ts";
import type { Change, DeploymentCollection, Place } from "../watch/deployment-collection.ts";
import { type DeploymentFilter, matches } from "../watch/deployment-filter.ts";
import type { HeldDeployment } from "../watch/held-deployment.ts";
import type { Subscription, SubscriptionPort } from "./live-socket.ts";

interface CollectionSubscriptionOptions {
  readonly collection: DeploymentCollection;
  readonly filter: DeploymentFilter;
  readonly port: SubscriptionPort;
  /** True once the collection is complete; until then a snapshot does not end. */
  readonly isListed: () => boolean;
  /** Ids whose heads are damaged in the store, also those that the viewer may not read. */
  readonly damaged: readonly string[];
  readonly mayRead: (deploymentId: string) => boolean;
  readonly onClose: () => void;
}

/** Ids of one `left` frame. */
const leftIdsMax = 1_000;

/** How far the snapshot is. It holds a place and no list: pages that do not read may be many. */
type Snapshot =
  | { readonly kind: "listing"; readonly after: Place | undefined }
  /** All that was there is sent; the collection may not be complete yet. */
  | { readonly kind: "listed" }
  | { readonly kind: "over" };

/**
 * Shows the deployments of a collection that match: a snapshot, then what changes. It sends what a deployment is when there is room,
 * so a slow page skips what was between, and holds ids alone.
 */
export class CollectionSubscription implements Subscription {
  readonly #options: CollectionSubscriptionOptions;
  readonly #leave: () => void;
  #snapshot: Snapshot = { kind: "over" };
  readonly #dirty = new Set<string>();
  readonly #left = new Set<string>();
  #damaged: readonly string[];

  constructor(options: CollectionSubscriptionOptions) {
    this.#options = options;
    this.#damaged = options.damaged.filter(options.mayRead);
    this.#leave = options.collection.listen((changes) => this.#note(changes));
    options.port.send('"opened":{}');
    this.#beginSnapshot();
  }

  pump(): void {
    const { port } = this.#options;
    while (port.hasRoom) {
      if (this.#snapshot.kind === "listing") this.#goOnListing(this.#snapshot.after);
      else if (this.#left.size > 0) {
        port.send(`"left":{"deploymentIds":${JSON.stringify(takeFrom(this.#left, leftIdsMax))}}`);
      } else if (this.#damaged.length > 0) {
        port.send(`"damaged":{"deploymentIds":${JSON.stringify(this.#damaged)}}`);
        this.#damaged = [];
      } else if (this.#dirty.size > 0) this.#sendDirty();
      else if (this.#snapshot.kind === "listed" && this.#options.isListed()) {
        this.#snapshot = { kind: "over" };
        port.send('"caughtUp":{}');
      } else return;
    }
  }

  /** Tells the page that heads of these are damaged. */
  showDamaged(deploymentIds: readonly string[]): void {
    this.#damaged = [...new Set([...this.#damaged, ...deploymentIds.filter(this.#options.mayRead)])];
    this.pump();
  }

  close(): void {
    this.#leave();
    this.#options.onClose();
  }

  #beginSnapshot(): void {
    this.#dirty.clear();
    this.#left.clear();
    this.#snapshot = { kind: "listing", after: undefined };
  }

  #goOnListing(after: Place | undefined): void {
    const { collection, filter } = this.#options;
    const listed = collection.list(filter, after, limits.frameDeploymentsMax);
    const sent = this.#sendHeads(listed);
    const last = listed[sent - 1];
    this.#snapshot = last === undefined ? { kind: "listed" } : { kind: "listing", after: last };
  }

  #sendDirty(): void {
    const { collection, filter } = this.#options;
    const ids = [...this.#dirty].slice(0, limits.frameDeploymentsMax);
    const heads = ids.flatMap((id) => collection.get(id) ?? []).filter((held) => matches(filter, held));
    const sent = this.#sendHeads(heads);
    const last = heads[sent - 1]?.deploymentId;
    for (const id of ids) {
      this.#dirty.delete(id);
      if (id === last && sent < heads.length) break;
    }
  }

  #note(changes: readonly Change[]): void {
    const { filter, port } = this.#options;
    for (const { deploymentId, before, after } of changes) {
      if (after !== undefined && matches(filter, after)) {
        // During the list that a watch begins with, what is old comes as a change.
        if (before === undefined && after.createTimeUs < filter.createTimeFromUs) continue;
        this.#left.delete(deploymentId);
        this.#dirty.add(deploymentId);
      } else if (before !== undefined && matches(filter, before)) {
        this.#dirty.delete(deploymentId);
        this.#left.add(deploymentId);
      }
    }
    if (this.#dirty.size + this.#left.size > limits.dirtyDeploymentsMax) {
      port.send('"fellBehind":{}');
      this.#beginSnapshot();
    }
    this.pump();
  }

  /** Sends the first of these in one frame; returns how many. */
  #sendHeads(heads: readonly HeldDeployment[]): number {
    const texts: string[] = [];
    let characters = 0;
    for (const { json } of heads) {
      if (characters >= limits.frameCharactersTarget) break;
      texts.push(json);
      characters += json.length;
    }
    if (texts.length > 0) this.#options.port.send(`"deployments":{"deployments":[${texts.join(",")}]}`);
    return texts.length;
  }
}

/** Removes the first so many from a set, and returns them. */
function takeFrom(ids: Set<string>, most: number): string[] {
  const taken = [...ids].slice(0, most);
  for (const id of taken) ids.delete(id);
  return taken;
}
