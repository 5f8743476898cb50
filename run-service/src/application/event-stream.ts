import {
  type DeploymentId,
  type EventFilter,
  type EventPage,
  type EventStore,
  everyEvent,
  type HistoryHash,
  matchesFilter,
  type StoredEvent,
  wireBytesMax,
} from "@activity-events/event-store";
import { limits } from "../limits.ts";
import type { CallBytes } from "./call-bytes.ts";
import type { DeploymentFeed } from "./deployment-feed.ts";
import type { DeploymentFeeds } from "./deployment-feeds.ts";
import type { HistoryPage, HistoryPages } from "./history-pages.ts";
import { findMissing, sequenceMissing } from "./missing-sequence.ts";
import { sequenceOfOlderHead } from "./older-head.ts";
import { Refusal } from "./refusal.ts";
import { deploymentNotFound, refusalOf } from "./refusal-of.ts";
import { type GoawayReason, goawayDelayMs, onAbort } from "./stream-end.ts";
import { Wakeup } from "./wakeup.ts";

/** A reader's request for a stream. */
export interface StreamRequest {
  readonly deploymentId: DeploymentId;
  readonly afterSequence: number;
  readonly follow: boolean;
  readonly filter: EventFilter;
}

/** Frame of a stream: first opened, then events until caught_up, then any frame. */
export type StreamFrame =
  | { readonly kind: "opened"; readonly cursor: number; readonly heartbeatIntervalMs: number | undefined }
  | { readonly kind: "events"; readonly events: readonly StoredEvent[] }
  /** Events too: a page encoded once for all streams. */
  | { readonly kind: "page"; readonly encoded: Uint8Array }
  | {
      readonly kind: "caught_up" | "fell_behind" | "heartbeat";
      readonly cursor: number;
      readonly headSequence: number;
      /** From the last read of the head. */
      readonly historyHash: HistoryHash | undefined;
    }
  | {
      readonly kind: "goaway";
      readonly reason: GoawayReason;
      readonly cursor: number;
      readonly retryDelayMs: number;
    };

/** A fault that should never occur: a silent listener, or a sequence that the head counts but the store lacks. */
export type StreamFault =
  /** Undefined: the listener to all deployments. */
  | { readonly code: "LISTENER_SILENT"; readonly deploymentId: DeploymentId | undefined }
  | {
      readonly code: "SEQUENCE_MISSING";
      readonly deploymentId: DeploymentId;
      readonly sequence: number;
    };

/** Signals and bytes of the stream's call. */
export interface StreamCall {
  /** Aborted when the reader has left. */
  readonly signal: AbortSignal;
  /** Aborted when the caller's credentials have ended, or permit something else. */
  readonly revoked: AbortSignal;
  /** Counts data that was read but not sent. */
  readonly bytes: CallBytes;
}

interface EventStreamOptions extends StreamCall {
  readonly store: EventStore;
  readonly feeds: Pick<DeploymentFeeds, "acquire" | "release">;
  /** Shared by all streams. */
  readonly history: HistoryPages;
  /** Aborted when the service stops. */
  readonly draining: AbortSignal;
  readonly heartbeatIntervalMs: number;
  /** End of the stream's maximum age, on the monotonic clock. */
  readonly endMs: number;
  readonly onFault: (fault: StreamFault) => void;
}

/** One stream of events. */
export class EventStream {
  readonly #request: StreamRequest;
  readonly #options: EventStreamOptions;
  readonly #openedMs = performance.now();
  readonly #wakeup = new Wakeup();
  #cursor: number;
  #ahead:
    | {
        readonly cursor: number;
        readonly head: number;
        readonly edition: number;
        readonly page: Promise<EventPage | HistoryPage>;
      }
    | undefined;
  /** Sequence after the cursor, if the store lacks it. */
  #missing: number | undefined;
  /** Counts the page that is read ahead. */
  #aheadBytes: CallBytes | undefined;
  #heartbeatMs: number;
  /** What the stream ends with once it has sent what the head counts. */
  #headFault: unknown;

  constructor(request: StreamRequest, options: EventStreamOptions) {
    this.#request = request;
    this.#options = options;
    this.#cursor = request.afterSequence;
    this.#heartbeatMs = this.#openedMs + options.heartbeatIntervalMs;
  }

  /** Yields the frames; reads each only after the previous one was taken. Throws a Refusal; ends on abort. */
  async *frames(): AsyncGenerator<StreamFrame, void, void> {
    const { feeds, signal, draining, revoked, heartbeatIntervalMs } = this.#options;
    const { deploymentId, follow } = this.#request;
    const feed = feeds.acquire(deploymentId);
    const wake = () => this.#wakeup.wake();
    const stopListening = feed.onGrowth(wake);
    const stopWaking = onAbort([signal, draining, revoked], wake);
    try {
      this.#checkStart(await this.#readHead(feed, this.#openedMs));
      yield { kind: "opened", cursor: this.#cursor, heartbeatIntervalMs: follow ? heartbeatIntervalMs : undefined };
      for (;;) {
        yield* this.#catchUp(feed);
        if (this.#end() !== undefined) break;
        yield this.#position(feed, "caught_up");
        if (!follow) return;
        // Sends events as they are stored, until the reader is too slow. Not in a separate generator: thousands of
        // followers wait here, and each level costs 700 bytes per follower.
        while (this.#end() === undefined && !feed.recent.isPast(this.#cursor)) {
          if (feed.hasEdits) await feed.checkEdits();
          if (feed.head > this.#cursor) yield* this.#sendNext(feed, feed.head);
          else await this.#rest(Math.min(this.#heartbeatMs, this.#options.endMs) - performance.now());
          yield* this.#heartbeatWhenDue(feed);
        }
        if (this.#end() !== undefined) break;
        yield this.#position(feed, "fell_behind");
      }
      const reason = this.#end();
      if (reason !== undefined && reason !== "aborted") {
        yield { kind: "goaway", reason, cursor: this.#cursor, retryDelayMs: goawayDelayMs(reason) };
      }
    } catch (error) {
      throw refusalOf(error);
    } finally {
      stopListening();
      stopWaking();
      feeds.release(deploymentId);
      this.#aheadBytes?.over();
    }
  }

  /** Waits without holding bytes. */
  #rest(waitMs: number): Promise<void> {
    this.#options.bytes.rest();
    return this.#wakeup.wait(waitMs);
  }

  /** Resolves when there is room for a frame of this size, or the stream must end. */
  async #room(frameBytes: number): Promise<void> {
    const { bytes, signal, draining, revoked } = this.#options;
    bytes.rest();
    if (!bytes.tryRoom(frameBytes)) await bytes.room(frameBytes, { signals: [signal, draining, revoked] });
  }

  /** Refuses a cursor above the head, and an unknown deployment unless the reader follows it. */
  #checkStart(headSequence: number): void {
    const { deploymentId, afterSequence, follow } = this.#request;
    if (headSequence === 0 && !follow) throw deploymentNotFound(deploymentId);
    if (afterSequence > headSequence) {
      throw new Refusal("CURSOR_AHEAD", `after_sequence is ${afterSequence}, above the head sequence ${headSequence}`, {
        metadata: {
          deployment_id: deploymentId,
          after_sequence: `${afterSequence}`,
          head_sequence: `${headSequence}`,
        },
      });
    }
  }

  /** Reads until the cursor reaches a head that was read after this call, or the stream must end. */
  async *#catchUp(feed: DeploymentFeed): AsyncGenerator<StreamFrame, void, void> {
    const since = this.#cursor === this.#request.afterSequence ? this.#openedMs : performance.now();
    const target = await this.#readHead(feed, since);
    while (this.#cursor < target && this.#end() === undefined) {
      yield* this.#sendNext(feed, target);
      if (this.#headFault === undefined) yield* this.#heartbeatWhenDue(feed);
    }
    if (this.#headFault !== undefined && this.#end() === undefined) throw this.#headFault;
  }

  /** The head; of one that is older than its events as much as it counts, with the fault that the stream ends with behind that. */
  async #readHead(feed: DeploymentFeed, sinceMs: number): Promise<number> {
    try {
      return await feed.readHead(sinceMs);
    } catch (error) {
      const counted = sequenceOfOlderHead(error);
      if (counted === undefined || counted < this.#cursor) throw error;
      this.#headFault = error;
      return counted;
    }
  }

  /** Moves the cursor over the next events, from the recent ones or the store, and sends those that match. */
  async *#sendNext(feed: DeploymentFeed, head: number): AsyncGenerator<StreamFrame, void, void> {
    const { deploymentId, filter } = this.#request;
    if (feed.hasEdits) await feed.checkEdits();
    const { edition } = feed;
    const recent = feed.recent.after(this.#cursor);
    if (recent === undefined) {
      await this.#room(limits.frameWorkBytes);
      const page = await this.#readNext(feed, head);
      // Edited meanwhile: the caller comes again.
      if (page === undefined) return;
      // From here on the answer's bytes count instead.
      this.#options.bytes.rest();
      if ("encoded" in page) yield { kind: "page", encoded: page.encoded };
      else if (page.events.length > 0) yield { kind: "events", events: page.events };
      if (this.#missing !== undefined) throw sequenceMissing(this.#request.deploymentId, this.#missing);
    } else {
      const events = recent.filter((event) => matchesFilter(filter, event));
      await this.#room(events.reduce((sum, event) => sum + wireBytesMax(deploymentId, event), 0));
      this.#options.bytes.rest();
      if (feed.edition !== edition) return;
      this.#cursor = recent.at(-1)?.sequence ?? this.#cursor;
      if (events.length > 0) yield { kind: "events", events };
    }
  }

  /** Reads the next page and moves the cursor over it; undefined if the deployment was edited meanwhile. */
  async #readNext(feed: DeploymentFeed, head: number): Promise<EventPage | HistoryPage | undefined> {
    const before = this.#cursor;
    const { edition } = feed;
    const page = await this.#readAfter(feed, before, head);
    if (feed.edition !== edition) return undefined;
    const readTo = page.cursor ?? before;
    // A page encoded for all streams has no gap, but it may end before the head; then the next read finds what is missing.
    const to = page.more || "encoded" in page ? readTo : Math.max(readTo, head);
    if (to - before > page.looked && "events" in page) {
      // Nothing is missing of what was deleted or purged meanwhile.
      await feed.readHead(performance.now());
      return this.#readToMissing(page, to);
    }
    if (page.more && readTo < head) this.#readAhead(feed, readTo, head);
    this.#cursor = to;
    return page;
  }

  /** Handles a query that lacks events of an earlier head: returns the part of the page before the gap. */
  async #readToMissing(page: EventPage, to: number): Promise<EventPage> {
    const { deploymentId } = this.#request;
    const from = this.#cursor + 1;
    const missing = await findMissing(this.#options.store, { deploymentId, order: "ascending", from, to });
    // The event is back meanwhile, so read the page again.
    if (missing === undefined) return { ...page, events: [] };
    this.#options.onFault({ code: "SEQUENCE_MISSING", deploymentId, sequence: missing });
    this.#missing = missing;
    this.#cursor = missing - 1;
    return { ...page, events: page.events.filter(({ sequence }) => sequence < missing) };
  }

  /** Reads a page after the cursor, from a time when the store had at least this head. */
  #readAfter(feed: DeploymentFeed, cursor: number, head: number): Promise<EventPage | HistoryPage> {
    const ahead = this.#ahead;
    this.#ahead = undefined;
    // The current frame counts its bytes now.
    this.#aheadBytes?.rest();
    if (ahead !== undefined && ahead.cursor === cursor && ahead.head >= head && ahead.edition === feed.edition)
      return ahead.page;
    return this.#readPage(feed, cursor, head);
  }

  /** Reads the next page while the wire takes this one, if both fit. */
  #readAhead(feed: DeploymentFeed, cursor: number, head: number): void {
    this.#aheadBytes ??= this.#options.bytes.another();
    if (!this.#aheadBytes.tryRoom(limits.frameWorkBytes)) return;
    const page = this.#readPage(feed, cursor, head);
    // The taker of the page sees the error; a stream may end without taking it.
    page.catch(() => {});
    this.#ahead = { cursor, head, edition: feed.edition, page };
  }

  async #readPage(feed: DeploymentFeed, cursor: number, head: number): Promise<EventPage | HistoryPage> {
    const { deploymentId, filter } = this.#request;
    const { store, history } = this.#options;
    // Of edits that are not read yet, no page can tell whether it is from before them.
    const { edits } = feed;
    const place = filter === everyEvent && edits !== undefined ? { deploymentId, cursor, edits } : undefined;
    const known = place && history.find(place, head);
    if (known !== undefined) return known;
    const page = await store.readEvents({
      deploymentId,
      order: "ascending",
      cursor,
      filter,
      eventsMax: limits.frameEventsMax,
      bytesMax: limits.frameBytesTarget,
    });
    return (place && history.add(place, page)) ?? page;
  }

  async *#heartbeatWhenDue(feed: DeploymentFeed): AsyncGenerator<StreamFrame, void, void> {
    if (performance.now() < this.#heartbeatMs || this.#end() !== undefined) return;
    const { heartbeatIntervalMs } = this.#options;
    await feed.readHead(performance.now() - heartbeatIntervalMs);
    this.#heartbeatMs = performance.now() + heartbeatIntervalMs;
    if (this.#request.follow) yield this.#position(feed, "heartbeat");
  }

  #position(feed: DeploymentFeed, kind: "caught_up" | "fell_behind" | "heartbeat"): StreamFrame {
    const { head, historyHash } = feed;
    return { kind, cursor: this.#cursor, headSequence: Math.max(this.#cursor, head), historyHash };
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
