import {
  aboveHead,
  type DeploymentId,
  type EventStore,
  type HistoryHash,
  type Listener,
} from "@activity-events/event-store";
import { RecentEvents } from "./recent-events.ts";

/** A read of the head from the store, with its start in ms of the monotonic clock. */
interface HeadRead {
  readonly begunMs: number;
  readonly done: Promise<void>;
}

interface DeploymentFeedOptions {
  readonly store: EventStore;
  readonly deploymentId: DeploymentId;
  /** Receives the growth of the newest events in bytes. */
  readonly onRecent: (bytes: number) => void;
  /** Called when a silent listener was replaced. */
  readonly onSilentListener: () => void;
}

/**
 * Shared by the followers of one deployment in one instance: the listener, the newest events, and the reads of the
 * head. It holds no reader's position; each follower reads at its own pace.
 */
export class DeploymentFeed {
  readonly recent: RecentEvents;
  readonly #options: DeploymentFeedOptions;
  readonly #wakeups = new Set<() => void>();
  #listener: Listener;
  /** Newest sequence that the listener reported, or that was stored before it could. */
  #told: number | undefined;
  #head = 0;
  #historyHash: HistoryHash | undefined;
  #headRead: HeadRead | undefined;

  constructor(options: DeploymentFeedOptions) {
    this.#options = options;
    this.recent = new RecentEvents(options.deploymentId);
    this.#listener = this.#listen();
  }

  /** History hash from the last read of the head. */
  get historyHash(): HistoryHash | undefined {
    return this.#historyHash;
  }

  /** Highest sequence known to be stored. */
  get head(): number {
    return this.#head;
  }

  /** Calls `wake` whenever the head grows. Returns a function that ends this. */
  onGrowth(wake: () => void): () => void {
    this.#wakeups.add(wake);
    return () => this.#wakeups.delete(wake);
  }

  /**
   * Returns the head from a read of the store that started at `sinceMs` (monotonic clock) or later, shared if there is
   * one.
   */
  async readHead(sinceMs: number): Promise<number> {
    if (this.#headRead === undefined || this.#headRead.begunMs < sinceMs) {
      const headRead: HeadRead = { begunMs: performance.now(), done: this.#read() };
      this.#headRead = headRead;
      headRead.done.catch(() => {
        if (this.#headRead === headRead) this.#headRead = undefined;
      });
    }
    await this.#headRead.done;
    return this.#head;
  }

  close(): void {
    this.#listener.close();
    this.recent.clear();
  }

  async #read(): Promise<void> {
    const toldBefore = this.#told;
    const headBefore = this.#head;
    const deployment = await this.#options.store.readDeployment(this.#options.deploymentId);
    const sequence = deployment?.headSequence ?? 0;
    // What was known before the read began, the head that it brings counts.
    if (sequence < headBefore) throw aboveHead({ deploymentId: this.#options.deploymentId, sequence: sequence + 1 });
    // Reads overlap: one that began before may be answered after.
    if ((deployment?.historyHash?.sequence ?? 0) >= (this.#historyHash?.sequence ?? 0)) {
      this.#historyHash = deployment?.historyHash;
    }
    if (this.#told === undefined) {
      this.#told = sequence;
    } else if (this.#told === toldBefore && headBefore > toldBefore) {
      // The listener is silent: an earlier read found events that it has still not reported.
      this.#listener.close();
      this.#listener = this.#listen();
      this.#told = sequence;
      this.#options.onSilentListener();
    }
    this.#grow(sequence);
  }

  #listen(): Listener {
    return this.#options.store.listen(this.#options.deploymentId, ({ headSequence, events }) => {
      const bytesBefore = this.recent.bytes;
      this.recent.add(events);
      this.#options.onRecent(this.recent.bytes - bytesBefore);
      this.#told = Math.max(this.#told ?? 0, headSequence);
      this.#grow(headSequence);
    });
  }

  #grow(sequence: number): void {
    if (sequence <= this.#head) return;
    this.#head = sequence;
    for (const wake of this.#wakeups) wake();
  }
}
