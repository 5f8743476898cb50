import {
  type Deployment,
  type DeploymentCursor,
  type DeploymentFilter,
  type DeploymentId,
  type DeploymentPage,
  type EventStore,
  matchesDeployment,
  StoreFaultError,
} from "@activity-events/event-store";
import { limits } from "../limits.ts";
import type { Changed } from "./deployment-changes.ts";
import type { StreamCall } from "./event-stream.ts";
import { refusalOf } from "./refusal-of.ts";
import { type GoawayReason, goawayDelayMs, onAbort } from "./stream-end.ts";
import { Wakeup } from "./wakeup.ts";
import type { WatchFeed } from "./watch-feed.ts";

/** A watcher's request. */
export interface WatchRequest {
  readonly filter: DeploymentFilter;
  /** Earliest create time of a snapshot's deployments, in microseconds since 1970; undefined: all. */
  readonly createTimeFromUs: number | undefined;
  /** Tells whether the watcher may read the deployment; others are not there for it. */
  readonly mayRead: (deploymentId: DeploymentId) => boolean;
}

/** Frame of a watch: first opened, then heads until caught_up, then any frame. */
export type WatchFrame =
  | { readonly kind: "opened"; readonly heartbeatIntervalMs: number }
  | { readonly kind: "deployments"; readonly deployments: readonly Deployment[] }
  | { readonly kind: "left" | "damaged"; readonly deploymentIds: readonly DeploymentId[] }
  | { readonly kind: "caught_up" | "fell_behind" | "heartbeat" }
  | { readonly kind: "goaway"; readonly reason: GoawayReason; readonly retryDelayMs: number };

interface DeploymentWatchOptions extends StreamCall {
  readonly store: EventStore;
  readonly feed: WatchFeed;
  /** Aborted when the service stops. */
  readonly draining: AbortSignal;
  readonly heartbeatIntervalMs: number;
  /** End of the stream's maximum age, on the monotonic clock. */
  readonly endMs: number;
}

/** One watch of all deployments: the heads as they are, then each that changes, as it is when the reader gets to it. */
export class DeploymentWatch {
  readonly #request: WatchRequest;
  readonly #options: DeploymentWatchOptions;
  readonly #wakeup = new Wakeup();
  /** Number of the last change that the frames so far show. */
  #shown = 0;
  #heartbeatMs: number;

  constructor(request: WatchRequest, options: DeploymentWatchOptions) {
    this.#request = request;
    this.#options = options;
    this.#heartbeatMs = performance.now() + options.heartbeatIntervalMs;
  }

  /** Yields the frames; reads each only after the previous one was taken. Throws a Refusal; ends on abort. */
  async *frames(): AsyncGenerator<WatchFrame, void, void> {
    const { feed, signal, draining, revoked, heartbeatIntervalMs } = this.#options;
    const wake = () => this.#wakeup.wake();
    const stopWaking = onAbort([signal, draining, revoked], wake);
    try {
      await feed.join(wake);
      yield { kind: "opened", heartbeatIntervalMs };
      while (this.#end() === undefined) {
        // What changes from here on is shown after the list, whatever the list shows of it.
        this.#shown = feed.changes.last;
        yield* this.#snapshot();
        if (this.#end() !== undefined) break;
        yield { kind: "caught_up" };
        yield* this.#follow();
        if (this.#end() === undefined) yield { kind: "fell_behind" };
      }
      const reason = this.#end();
      if (reason !== undefined && reason !== "aborted") {
        yield { kind: "goaway", reason, retryDelayMs: goawayDelayMs(reason) };
      }
    } catch (error) {
      throw refusalOf(error);
    } finally {
      feed.leave(wake);
      stopWaking();
    }
  }

  /** Lists the matching heads, newest created first, up to the time from which they are asked for. */
  async *#snapshot(): AsyncGenerator<WatchFrame, void, void> {
    const { createTimeFromUs = 0, mayRead } = this.#request;
    let cursor: DeploymentCursor | undefined;
    do {
      await this.#room();
      const { deployments, next, damaged = [] } = await this.#page(cursor);
      // From here on the answer's bytes count instead.
      this.#options.bytes.rest();
      const asked = deployments.filter(
        ({ deploymentId, createTimeUs }) => createTimeUs >= createTimeFromUs && mayRead(deploymentId),
      );
      const damagedHere = damaged.filter(mayRead);
      if (asked.length > 0) yield { kind: "deployments", deployments: asked };
      if (damagedHere.length > 0) yield { kind: "damaged", deploymentIds: damagedHere };
      yield* this.#heartbeatWhenDue();
      cursor = next;
    } while (cursor !== undefined && cursor.createTimeUs >= createTimeFromUs && this.#end() === undefined);
  }

  /** A page of the list; of one that begins with a damaged head that head's id, and the place behind it. */
  async #page(
    cursor: DeploymentCursor | undefined,
  ): Promise<DeploymentPage & { readonly damaged?: readonly DeploymentId[] }> {
    const { filter } = this.#request;
    try {
      return await this.#options.store.readDeployments({ cursor, filter, deploymentsMax: limits.frameDeploymentsMax });
    } catch (error) {
      const place = error instanceof StoreFaultError ? error.place : undefined;
      if (place?.createTimeUs === undefined) throw error;
      const { deploymentId, createTimeUs } = place;
      return { deployments: [], next: { deploymentId, createTimeUs }, damaged: [deploymentId] };
    }
  }

  /** Shows each change, until the reader is too slow or the stream must end. */
  async *#follow(): AsyncGenerator<WatchFrame, void, void> {
    const { feed } = this.#options;
    while (this.#end() === undefined) {
      const changed = feed.changes.after(this.#shown, limits.frameDeploymentsMax);
      if (changed === undefined) return;
      if (changed.deploymentIds.length > 0) {
        await this.#room();
        yield* this.#changed(changed);
        this.#shown = changed.to;
      } else await this.#rest(Math.min(this.#heartbeatMs, this.#options.endMs) - performance.now());
      yield* this.#heartbeatWhenDue();
    }
  }

  /** Reads the heads of deployments that changed up to a number, and shows which match. */
  async *#changed({ deploymentIds: all, to }: Changed): AsyncGenerator<WatchFrame, void, void> {
    const { filter, mayRead } = this.#request;
    const deploymentIds = all.filter(mayRead);
    const heads = await Promise.all(deploymentIds.map((deploymentId) => this.#readHead(deploymentId, to)));
    this.#options.bytes.rest();
    const found = heads.filter((head) => head !== undefined && head !== "damaged");
    // Deleted and purged ones are no longer there.
    const deployments = found.filter((head) => head.standing === "kept" && matchesDeployment(filter, head));
    const matching = new Set(deployments.map(({ deploymentId }) => deploymentId));
    const damaged = deploymentIds.filter((_, index) => heads[index] === "damaged");
    const left = deploymentIds.filter((id, index) => heads[index] !== "damaged" && !matching.has(id));
    if (deployments.length > 0) yield { kind: "deployments", deployments };
    if (left.length > 0) yield { kind: "left", deploymentIds: left };
    if (damaged.length > 0) yield { kind: "damaged", deploymentIds: damaged };
  }

  async #readHead(deploymentId: DeploymentId, change: number): Promise<Deployment | "damaged" | undefined> {
    try {
      return await this.#options.feed.readHead(deploymentId, change);
    } catch (error) {
      if (error instanceof StoreFaultError && error.reason === "STORE_DAMAGED") return "damaged";
      throw error;
    }
  }

  /** Waits without holding bytes. */
  #rest(waitMs: number): Promise<void> {
    this.#options.bytes.rest();
    return this.#wakeup.wait(waitMs);
  }

  /** Resolves when there is room for a frame of heads, or the stream must end. */
  async #room(): Promise<void> {
    const { bytes, signal, draining, revoked } = this.#options;
    bytes.rest();
    const signals = [signal, draining, revoked];
    if (!bytes.tryRoom(limits.frameWorkBytes)) await bytes.room(limits.frameWorkBytes, { signals });
  }

  *#heartbeatWhenDue(): Generator<WatchFrame, void, void> {
    if (performance.now() < this.#heartbeatMs || this.#end() !== undefined) return;
    this.#heartbeatMs = performance.now() + this.#options.heartbeatIntervalMs;
    yield { kind: "heartbeat" };
  }

  /** Returns the reason to end the stream now, if any. */
  #end(): "aborted" | GoawayReason | undefined {
    const { signal, draining, revoked, endMs } = this.#options;
    if (signal.aborted) return "aborted";
    if (draining.aborted) return "draining";
    if (revoked.aborted) return "credentials";
    return performance.now() >= endMs ? "max_age" : undefined;
  }
}
