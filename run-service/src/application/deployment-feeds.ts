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

/** One feed for each deployment that is followed in this instance; their newest events together are bounded. */
export class DeploymentFeeds {
  readonly #options: DeploymentFeedsOptions;
  /** The one that changed longest ago comes first. */
  readonly #open = new Map<DeploymentId, OpenFeed>();
  #recentBytes = 0;

  constructor(options: DeploymentFeedsOptions) {
    this.#options = options;
  }

  /** The feed of the deployment; to be given back with `release`. */
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
