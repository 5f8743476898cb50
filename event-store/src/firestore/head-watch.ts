import type { Firestore, QueryDocumentSnapshot, QuerySnapshot, Timestamp } from "@google-cloud/firestore";
import type { DeploymentId } from "../domain/identifiers.ts";
import type { Listener, WatchOptions } from "../event-store.ts";
import { limits } from "../limits.ts";
import { tellOne } from "../listeners.ts";
import { bounded } from "./faults.ts";
import { pendingQuery } from "./queries.ts";

/**
 * Watches the heads with a pending flag, which every head has for minutes after its last event: so no index is needed that each append
 * would move. The same query is asked in intervals, since a listener may fall silent.
 */
export class HeadWatch implements Listener {
  readonly ready: Promise<void>;
  readonly #firestore: Firestore;
  readonly #options: WatchOptions;
  readonly #pauseMaxMs: number;
  readonly #timer: NodeJS.Timeout;
  /** Update time of each pending head as the listener reported it. */
  #reported = new Map<DeploymentId, Timestamp>();
  /** Heads that the query found newer than the listener had reported them. */
  #unreported = new Map<DeploymentId, Timestamp>();
  /** Time as of which all changes are known, in ms since 1970, by Firestore's clock. */
  #knownTimeMs: number | undefined;
  #unsubscribe = () => {};
  #isAsking = false;
  #isClosed = false;

  constructor(
    firestore: Firestore,
    options: WatchOptions,
    /** Longest time without an answer after which no change can be missing, in ms. */
    pauseMaxMs: number = limits.firestoreWatchPauseMaxMs,
  ) {
    this.#firestore = firestore;
    this.#options = options;
    this.#pauseMaxMs = pauseMaxMs;
    this.ready = this.#listen();
    const intervalMs = Math.min(options.intervalMs, limits.firestoreWatchIntervalMaxMs);
    this.#timer = setInterval(() => this.#ask(), intervalMs).unref();
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#timer);
    this.#unsubscribe();
  }

  /** Resolves when it reports every later change, or is broken: the next question replaces it. */
  #listen(): Promise<void> {
    this.#unsubscribe();
    this.#reported = new Map();
    return new Promise((resolve) => {
      const onSnapshot = (snapshot: QuerySnapshot) => {
        if (!this.#isClosed) this.#take(snapshot);
        resolve();
      };
      this.#unsubscribe = pendingQuery(this.#firestore, undefined).onSnapshot(onSnapshot, () => resolve());
    });
  }

  /** Takes a report of the listener. A head that leaves the query only lost its flag. */
  #take(snapshot: QuerySnapshot): void {
    const changed: DeploymentId[] = [];
    for (const { type, doc } of snapshot.docChanges()) {
      const id = doc.id as DeploymentId;
      if (type === "removed") this.#reported.delete(id);
      else {
        this.#reported.set(id, doc.updateTime);
        changed.push(id);
      }
    }
    this.#tell(changed, snapshot.readTime);
  }

  /** Asks the query itself; replaces a listener that has still not reported what the question before found. */
  async #ask(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    try {
      const snapshot = await bounded(pendingQuery(this.#firestore, undefined).get());
      if (this.#isClosed) return;
      const isSilent = [...this.#unreported].some(([id, time]) => this.#isUnreported(id, time));
      const unreported = snapshot.docs.filter((doc) => this.#isUnreported(doc.id as DeploymentId, doc.updateTime));
      this.#unreported = new Map(unreported.map(placeOf));
      this.#tell([...this.#unreported.keys()], snapshot.readTime);
      if (!isSilent) return;
      this.#options.onSilent();
      await this.#listen();
    } catch {
      // Firestore does not answer; when it does again, the time between tells whether changes may be missing.
    } finally {
      this.#isAsking = false;
    }
  }

  #isUnreported(id: DeploymentId, time: Timestamp): boolean {
    const reported = this.#reported.get(id);
    return reported === undefined || reported.valueOf() < time.valueOf();
  }

  /** Reports changes, and a pause before in which a head may have got its flag and lost it again. */
  #tell(changed: readonly DeploymentId[], readTime: Timestamp): void {
    const { onChanged, onMissed } = this.#options;
    const timeMs = readTime.toMillis();
    const isPaused = this.#knownTimeMs !== undefined && timeMs - this.#knownTimeMs > this.#pauseMaxMs;
    this.#knownTimeMs = Math.max(timeMs, this.#knownTimeMs ?? 0);
    const isTold = tellOne(() => {
      if (isPaused) onMissed();
      if (changed.length > 0) onChanged(changed);
    });
    if (!isTold) this.close();
  }
}

function placeOf({ id, updateTime }: QueryDocumentSnapshot): readonly [DeploymentId, Timestamp] {
  return [id as DeploymentId, updateTime];
}
