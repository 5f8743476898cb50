import {
  aboveHead,
  type Deployment,
  type DeploymentId,
  type EventStore,
  type HistoryHash,
  type Listener,
} from "@activity-events/event-store";
import { RecentEvents } from "./recent-events.ts";
import type { Refusal } from "./refusal.ts";
import { hiddenRefusal } from "./refusal-of.ts";

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
  /** From the last read of the head. */
  #edits: number | undefined;
  #hidden: Refusal | undefined;
  /** Time of an edit that was reported after the last read of the head, on the monotonic clock. */
  #editedMs: number | undefined;
  #edition = 0;

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

  /** Number that grows when stored events may have changed: what was read under another one must not be sent. */
  get edition(): number {
    return this.#edition;
  }

  /** Number of edits that the head counts; undefined until it is read after an edit was reported. */
  get edits(): number | undefined {
    return this.#editedMs === undefined ? this.#edits : undefined;
  }

  /** True if `checkEdits` has something to read or to throw. */
  get hasEdits(): boolean {
    return this.#editedMs !== undefined || this.#hidden !== undefined;
  }

  /** Reads the head if an edit was reported since. Throws the Refusal of a deployment that is hidden or purged. */
  async checkEdits(): Promise<void> {
    if (this.#editedMs !== undefined) await this.readHead(this.#editedMs);
    if (this.#hidden !== undefined) throw this.#hidden;
  }

  /** Calls `wake` whenever the head grows, and after edits. Returns a function that ends this. */
  onGrowth(wake: () => void): () => void {
    this.#wakeups.add(wake);
    return () => this.#wakeups.delete(wake);
  }

  /**
   * Returns the head from a read of the store that started at `sinceMs` (monotonic clock) or later, shared if there is
   * one. Throws the Refusal of a deployment that is hidden or purged.
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
    if (this.#hidden !== undefined) throw this.#hidden;
    return this.#head;
  }

  close(): void {
    this.#listener.close();
    this.recent.clear();
  }

  async #read(): Promise<void> {
    const toldBefore = this.#told;
    const headBefore = this.#head;
    const editedBefore = this.#editedMs;
    const deployment = await this.#options.store.readDeployment(this.#options.deploymentId);
    const sequence = deployment?.headSequence ?? 0;
    // What was known before the read began, the head that it brings counts.
    if (sequence < headBefore) throw aboveHead({ deploymentId: this.#options.deploymentId, sequence: sequence + 1 });
    this.#noteEdits(deployment, editedBefore);
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

  /** Takes what a read of the head tells of edits; the read began when this one was the last that was reported. */
  #noteEdits(deployment: Deployment | undefined, editedBefore: number | undefined): void {
    const edits = deployment?.edits ?? 0;
    if (edits < (this.#edits ?? 0)) return;
    // An instance may get no report of what another one edits, or a later one.
    if (edits !== (this.#edits ?? 0)) this.#forget();
    this.#edits = edits;
    if (this.#editedMs === editedBefore) this.#editedMs = undefined;
    const isHidden = deployment !== undefined && deployment.standing !== "kept";
    this.#hidden = isHidden ? hiddenRefusal(deployment) : undefined;
  }

  /** Forgets what was read of the deployment. */
  #forget(): void {
    this.#edition += 1;
    this.#options.onRecent(-this.recent.bytes);
    this.recent.clear();
  }

  /** Forgets what an edit may have changed, and reads what it did. */
  #onEdited(): void {
    this.#forget();
    this.#editedMs = performance.now();
    // Followers that cannot read it now try again before they send anything more.
    const wake = () => this.#wake();
    this.checkEdits().then(wake, wake);
  }

  #listen(): Listener {
    return this.#options.store.listen(this.#options.deploymentId, ({ headSequence, events, edited }) => {
      if (edited) this.#onEdited();
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
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#wakeups) wake();
  }
}
