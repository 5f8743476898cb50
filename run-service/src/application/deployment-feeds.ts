import type { DeploymentId, EventStore } from "@activity-events/event-store";
import { limits } from "../limits.ts";
import { DeploymentFeed } from "./deployment-feed.ts";

interface OpenFeed {
  readonly feed: DeploymentFeed;
  followers: number;
}

interface DeploymentFeedsOptions {
  readonly store: EventStore;
  readonly onSilentListener: (deploymentId: DeploymentId) => void;
}

/** Keeps one feed for each followed deployment of this instance; bounds their newest events in total. */
export class DeploymentFeeds {
  readonly #options: DeploymentFeedsOptions;
  /** In order of their last change, oldest first. */
  readonly #open = new Map<DeploymentId, OpenFeed>();
  #recentBytes = 0;

  constructor(options: DeploymentFeedsOptions) {
    this.#options = options;
  }

  /** Returns the feed of the deployment; return it with `release`. */
  acquire(deploymentId: DeploymentId): DeploymentFeed {
    const open = this.#open.get(deploymentId) ?? { feed: this.#create(deploymentId), followers: 0 };
    open.followers += 1;
    this.#open.set(deploymentId, open);
    return open.feed;
  }

  release(deploymentId: DeploymentId): void {
    const open = this.#open.get(deploymentId);
    if (open === undefined) return;
    open.followers -= 1;
    if (open.followers > 0) return;
    this.#open.delete(deploymentId);
    this.#recentBytes -= open.feed.recent.bytes;
    open.feed.close();
  }

  #create(deploymentId: DeploymentId): DeploymentFeed {
    return new DeploymentFeed({
      store: this.#options.store,
      deploymentId,
      onRecent: (bytes) => this.#bound(deploymentId, bytes),
      onSilentListener: () => this.#options.onSilentListener(deploymentId),
    });
  }

  #bound(changed: DeploymentId, bytes: number): void {
    const open = this.#open.get(changed);
    if (open === undefined) return;
    this.#open.delete(changed);
    this.#open.set(changed, open);
    this.#recentBytes += bytes;
    for (const { feed } of this.#open.values()) {
      if (this.#recentBytes <= limits.recentBytesTotalMax) return;
      this.#recentBytes -= feed.recent.bytes;
      feed.recent.clear();
    }
  }
}
