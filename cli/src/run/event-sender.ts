import { setTimeout as sleep } from "node:timers/promises";
import type { ActivityEventsClient, IngestOutcome } from "@activity-events/client";
import { Wakeup } from "@activity-events/client/internal";
import type { Event } from "@activity-events/proto/activityevents/v1/event_pb.js";

/** Pause between attempts to reach the service, in ms: it grows, since a command may run for hours while the service is away. */
const pauseMs = { first: 250, most: 5_000 };
/** Time without an outcome after which an attempt counts as stuck when the command has ended, in ms: the service answers within it. */
const stuckMs = 500;

/** Options of a sender. */
export interface EventSenderOptions {
  /** Finds the service and opens a client, or throws. Called again after a failure. */
  readonly connect: () => Promise<ActivityEventsClient>;
  /** Sends what must be sent before the first event; is called again until it succeeds. */
  readonly before: (client: ActivityEventsClient, signal: AbortSignal) => Promise<void>;
  /** Time after which an attempt without an acknowledgement is given up, in ms. */
  readonly timeoutMs: number;
  /** Is told each outcome, in the order of the events. */
  readonly onOutcome: (outcome: IngestOutcome) => Promise<void>;
}

/** Sends events in their order in the background, again and again until the service has them or the sender is stopped. */
export class EventSender {
  readonly #options: EventSenderOptions;
  /** Events without an outcome. */
  readonly #waiting: Event[] = [];
  /** Number of those that the attempt under way has taken. */
  #taken = 0;
  #settled = 0;
  /** Time on the monotonic clock since which the first waiting event waits, or the last outcome came. */
  #sinceMs = 0;
  readonly #more = new Wakeup();
  #attempt = new AbortController();
  #state: "open" | "closed" | "stopped" = "open";
  #isBegun = false;
  #failure: unknown;
  /** Resolves when all events have an outcome after `close`, or the sender was stopped. Never rejects. */
  readonly ended: Promise<void>;

  constructor(options: EventSenderOptions) {
    this.#options = options;
    this.ended = this.#run();
  }

  /** Number of events without an outcome. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Error of the last attempt; undefined after an outcome. */
  get failure(): unknown {
    return this.#failure;
  }

  send(events: readonly Event[]): void {
    if (this.#waiting.length === 0) this.#sinceMs = performance.now();
    this.#waiting.push(...events);
    this.#more.wake();
  }

  /** Ends the sender once the events have their outcomes. Where nothing was acknowledged lately, tries at once and anew. */
  close(): void {
    this.#state = "closed";
    const isStuck = this.#waiting.length > 0 && performance.now() - this.#sinceMs > stuckMs;
    if (isStuck) this.#attempt.abort();
    this.#more.wake();
  }

  /** Gives up the attempt under way and all later ones. */
  stop(): void {
    this.#state = "stopped";
    this.#attempt.abort();
    this.#more.wake();
  }

  async #run(): Promise<void> {
    for (let failures = 0; !this.#isOver; ) {
      const settledBefore = this.#settled;
      this.#attempt = new AbortController();
      const { signal } = this.#attempt;
      try {
        await this.#attemptAll(signal);
        return;
      } catch (error) {
        if (!signal.aborted) this.#failure = error;
        failures = this.#settled > settledBefore ? 0 : failures + 1;
      }
      const most = this.#state === "open" ? pauseMs.most : pauseMs.first;
      const ms = Math.min(most, pauseMs.first * 2 ** Math.min(failures, 10));
      await sleep(ms, undefined, { signal }).catch(() => {});
    }
  }

  /** Sends what waits and what comes, to the end. Every failure is thrown. */
  async #attemptAll(signal: AbortSignal): Promise<void> {
    const { connect, before, timeoutMs, onOutcome } = this.#options;
    this.#taken = 0;
    const client = await connect();
    try {
      if (!this.#isBegun) await before(client, signal);
      this.#isBegun = true;
      for await (const outcome of client.ingestEvents(this.#untaken(signal), { timeoutMs, signal })) {
        await onOutcome(outcome);
        this.#waiting.shift();
        this.#taken -= 1;
        this.#settled += 1;
        this.#sinceMs = performance.now();
        this.#failure = undefined;
      }
    } finally {
      client.close();
    }
  }

  async *#untaken(signal: AbortSignal): AsyncGenerator<Event, void, undefined> {
    while (!signal.aborted) {
      const next = this.#waiting[this.#taken];
      if (next !== undefined) {
        this.#taken += 1;
        yield next;
      } else if (this.#state !== "open") return;
      else await this.#more.wait();
    }
  }

  get #isOver(): boolean {
    return this.#state === "stopped" || (this.#state === "closed" && this.#waiting.length === 0);
  }
}
