import type { Deployment, DeploymentId, EventStore, Listener } from "@activity-events/event-store";
import { DeploymentChanges } from "./deployment-changes.ts";

interface WatchFeedOptions {
  readonly store: EventStore;
  /** Returns the interval of a new listener, as WatchOptions has it. */
  readonly intervalMs: () => number;
  /** Called when a silent listener was replaced. */
  readonly onSilentListener: () => void;
}

/** A read of a head that is under way. */
interface HeadRead {
  /** Number of the last change before it began. */
  readonly since: number;
  readonly head: Promise<Deployment | undefined>;
}

/**
 * What the watchers of one instance share: the listener, which is there only while somebody watches, what changed, and the reads of heads that
 * are under way.
 */
export class WatchFeed {
  readonly changes = new DeploymentChanges();
  readonly #options: WatchFeedOptions;
  readonly #wakeups = new Set<() => void>();
  readonly #reads = new Map<DeploymentId, HeadRead>();
  #listener: Listener | undefined;

  constructor(options: WatchFeedOptions) {
    this.#options = options;
  }

  /** Calls `wake` whenever deployments change; resolves when it does so for every later change. Ends with `leave`. */
  async join(wake: () => void): Promise<void> {
    this.#wakeups.add(wake);
    this.#listener ??= this.#listen();
    await this.#listener.ready;
  }

  leave(wake: () => void): void {
    this.#wakeups.delete(wake);
    if (this.#wakeups.size > 0) return;
    this.#listener?.close();
    this.#listener = undefined;
  }

  /**
   * Reads a head as it is after the change of this number. A change wakes all watchers, and each wants the head: those that ask while it is
   * read share the answer, since Firestore charges for each read.
   */
  readHead(deploymentId: DeploymentId, change: number): Promise<Deployment | undefined> {
    const underWay = this.#reads.get(deploymentId);
    if (underWay !== undefined && underWay.since >= change) return underWay.head;
    const read = { since: this.changes.last, head: this.#options.store.readDeployment(deploymentId) };
    this.#reads.set(deploymentId, read);
    const over = () => {
      if (this.#reads.get(deploymentId) === read) this.#reads.delete(deploymentId);
    };
    read.head.then(over, over);
    return read.head;
  }

  #listen(): Listener {
    const { store, intervalMs, onSilentListener } = this.#options;
    return store.watch({
      intervalMs: intervalMs(),
      onChanged: (deploymentIds) => {
        this.changes.add(deploymentIds);
        this.#wake();
      },
      onMissed: () => {
        this.changes.forget();
        this.#wake();
      },
      onSilent: onSilentListener,
    });
  }

  #wake(): void {
    for (const wake of this.#wakeups) wake();
  }
}
