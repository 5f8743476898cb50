import type { ActivityEventsClient, WatchItem } from "@activity-events/client";
import { limits } from "../limits.ts";
import { HeldDeployments } from "./held-deployments.ts";
import { Listeners } from "./listeners.ts";
import { ReadableParts } from "./readable-parts.ts";

interface DeploymentWatchOptions {
  readonly client: Pick<ActivityEventsClient, "watchDeployments">;
  /** Called with an error that no reconnect mends; the watch is then over, and the next holder opens another. */
  readonly onFault: (error: unknown) => void;
}

/** Whether the service is reached, and what it said last. */
export interface Connection {
  readonly isReached: boolean;
  readonly fault: string | undefined;
}

/**
 * The one watch of all deployments that an instance has. It is open while somebody holds it; otherwise it costs the service and its
 * store nothing, and holds nothing.
 */
export class DeploymentWatch {
  readonly deployments = new HeldDeployments(limits.heldDeploymentsMax);
  /** What of them each viewer may read. */
  readonly parts = new ReadableParts(this.deployments);
  readonly #options: DeploymentWatchOptions;
  readonly #connections = new Listeners<Connection>();
  readonly #lists = new Listeners<void>();
  #holders = 0;
  #abort: AbortController | undefined;
  #connection: Connection = { isReached: false, fault: undefined };
  #isListed = false;
  #briefly: { readonly timer: NodeJS.Timeout; readonly release: () => void } | undefined;

  constructor(options: DeploymentWatchOptions) {
    this.#options = options;
  }

  get connection(): Connection {
    return this.#connection;
  }

  /** True once everything that the store has was shown. */
  get isListed(): boolean {
    return this.#isListed;
  }

  onConnection(listener: (connection: Connection) => void): () => void {
    return this.#connections.add(listener);
  }

  /** Tells when a complete list was shown, for the first time or again. */
  onListed(listener: () => void): () => void {
    return this.#lists.add(listener);
  }

  /** Keeps the watch open until the returned function is called. */
  hold(): () => void {
    this.#holders += 1;
    if (this.#holders === 1) this.#open();
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.#holders -= 1;
      if (this.#holders === 0) this.#close();
    };
  }

  /** Keeps the watch open for a while, for one who asks now and then. */
  holdBriefly(): void {
    if (this.#briefly !== undefined) {
      this.#briefly.timer.refresh();
      return;
    }
    const release = this.hold();
    const timer = setTimeout(() => {
      this.#briefly = undefined;
      release();
    }, limits.watchKeptMs);
    this.#briefly = { timer, release };
    timer.unref();
  }

  /** Resolves with true once a complete list was shown; with false if that takes longer than `timeMs`, or the service is away. */
  async listed(timeMs: number): Promise<boolean> {
    if (this.#isListed) return true;
    if (this.#connection.fault !== undefined) return false;
    return new Promise((resolve) => {
      const settle = (isListed: boolean) => {
        clearTimeout(timer);
        for (const leave of leaving) leave();
        resolve(isListed);
      };
      const timer = setTimeout(() => settle(false), timeMs);
      const leaving = [
        this.onListed(() => settle(true)),
        this.onConnection(({ fault }) => {
          if (fault !== undefined) settle(false);
        }),
      ];
    });
  }

  /** Ends it for good. */
  end(): void {
    clearTimeout(this.#briefly?.timer);
    this.#briefly?.release();
    this.#close();
  }

  async #open(): Promise<void> {
    const abort = new AbortController();
    this.#abort = abort;
    try {
      for await (const item of this.#options.client.watchDeployments({}, { signal: abort.signal })) {
        if (abort.signal.aborted) return;
        this.#take(item);
      }
    } catch (error) {
      if (abort.signal.aborted) return;
      this.#options.onFault(error);
      this.#connect({ isReached: false, fault: (error as Error).message });
      // Nothing that a reader can do mends it, but an operator may.
      setTimeout(() => {
        if (this.#abort === abort) this.#open();
      }, limits.watchRetryMs).unref();
    }
  }

  #close(): void {
    this.#abort?.abort();
    this.#abort = undefined;
    this.#isListed = false;
    this.#connection = { isReached: false, fault: undefined };
    this.deployments.clear();
    this.parts.clear();
  }

  #take(item: WatchItem): void {
    switch (item.kind) {
      case "deployments":
        this.deployments.show(item.deployments);
        break;
      case "left":
        this.deployments.remove(item.deploymentIds);
        break;
      case "damaged":
        this.deployments.noteDamaged(item.deploymentIds);
        break;
      case "caughtUp":
        this.parts.lookNow();
        this.#isListed = true;
        this.#lists.tell();
        break;
      case "disconnected":
        this.#connect({ isReached: false, fault: item.error.message });
        return;
    }
    if (!this.#connection.isReached) this.#connect({ isReached: true, fault: undefined });
  }

  #connect(connection: Connection): void {
    this.#connection = connection;
    this.#connections.tell(connection);
  }
}
