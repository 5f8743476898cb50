import {
  type DeploymentId,
  damageAt,
  type EventStore,
  type HistoryHash,
  type Listener,
} from "@activity-events/event-store";
import { RecentEvents } from "./recent-events.ts";

/** A head read from the store, and when the read began (milliseconds of the monotonic clock). */
interface HeadRead {
  readonly begunMs: number;
  readonly done: Promise<void>;
}

interface DeploymentFeedOptions {
  readonly store: EventStore;
  readonly deploymentId: DeploymentId;
  /** Told by how many bytes the newest events have grown. */
  readonly onRecent: (bytes: number) => void;
  /** Told when the listener was found silent and has been replaced. */
  readonly onSilentListener: () => void;
}

/**
 * What the followers of one deployment share in one instance: the listener, the newest events, and the reads of the
 * head. It only says what there is; each follower reads at its own pace.
 */
export class DeploymentFeed {
  readonly recent: RecentEvents;
  readonly #options: DeploymentFeedOptions;
  readonly #wakeups = new Set<() => void>();
  #listener: Listener;
  /** Newest sequence that the listener reported, or that was stored before it could report. */
  #told: number | undefined;
  #head = 0;
  #historyHash: HistoryHash | undefined;
  #headRead: HeadRead | undefined;

  constructor(options: DeploymentFeedOptions) {
    this.#options = options;
    this.recent = new RecentEvents(options.deploymentId);
    this.#listener = this.#listen();
  }

  /** Of the last read of the head. */
  get historyHash(): HistoryHash | undefined {
    return this.#historyHash;
  }

  /** The highest sequence that anybody here knows to be stored. */
  get head(): number {
    return this.#head;
  }

  /** Calls back whenever the head grows, until the answered function is called. */
  onGrowth(wake: () => void): () => void {
    this.#wakeups.add(wake);
    return () => this.#wakeups.delete(wake);
  }

  /** The head by a read of the store that began at `sinceMs` (monotonic clock) or later, shared where there is one. */
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
    if (sequence < headBefore) throw headBehind(this.#options.deploymentId, sequence);
    // Reads overlap: one that began before may be answered after.
    if ((deployment?.historyHash?.sequence ?? 0) >= (this.#historyHash?.sequence ?? 0)) {
      this.#historyHash = deployment?.historyHash;
    }
    if (this.#told === undefined) {
      this.#told = sequence;
    } else if (this.#told === toldBefore && headBefore > toldBefore) {
      // What an earlier read had found already and the listener has still not told of, it never will.
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

/** Error for a head that does not count an event which was stored before it was read. */
function headBehind(deploymentId: DeploymentId, headSequence: number): Error {
  const sequence = headSequence + 1;
  return damageAt({ deploymentId, sequence }, `event ${sequence} of ${deploymentId} is above its head`);
}
