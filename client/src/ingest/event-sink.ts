import { setImmediate as turnOfTheLoop } from "node:timers/promises";
import { ActivityEventsError } from "../activity-events-error.ts";
import type { BackOff } from "../calls/back-off.ts";
import { decodeError } from "../calls/decode-error.ts";
import { passingStatuses } from "../calls/passing-statuses.ts";
import type { EventInit } from "../events/fill-event-id.ts";
import { limits } from "../limits.ts";
import type { IngestConnection } from "./ingest-connection.ts";
import { errorOf, type IngestEnding, missingAcknowledgements } from "./ingest-ending.ts";
import type { IngestOutcome } from "./ingest-outcome.ts";
import { IngestPatience, type PatienceOptions } from "./ingest-patience.ts";
import { IngestQueue } from "./ingest-queue.ts";
import type { IngestStream } from "./ingest-stream.ts";
import { takeEvent } from "./take-event.ts";
import { Wakeup } from "./wakeup.ts";

/** Options of a sink. */
export interface EventSinkOptions extends PatienceOptions {
  readonly source: Iterable<EventInit> | AsyncIterable<EventInit>;
  readonly connection: IngestConnection;
  readonly backOff: BackOff;
  readonly signal?: AbortSignal | undefined;
}

// Longest delay of a timer.
const timerMsMax = 2 ** 31 - 1;

/** Takes events from a source, records them across reconnects, and reports the outcome of each. */
export class EventSink {
  readonly #options: EventSinkOptions;
  readonly #queue = new IngestQueue();
  readonly #outcomeWakeup = new Wakeup();
  readonly #roomWakeup = new Wakeup();
  #source: Iterator<EventInit> | AsyncIterator<EventInit> | undefined;
  /** Set when the source has ended, with the error that it threw. */
  #sourceEnd: { readonly thrown?: unknown } | undefined;
  #stream: IngestStream | undefined;
  readonly #patience: IngestPatience;
  /** Earliest time of the next stream, on the monotonic clock, like all times here. */
  #retryAtMs = 0;
  #retryTimer: NodeJS.Timeout | undefined;
  #isAsking = false;
  #watchdog: NodeJS.Timeout | undefined;
  /** Time of the next watchdog check; it runs late if this process was stopped. */
  #watchMs = Number.POSITIVE_INFINITY;
  #pumping: NodeJS.Immediate | undefined;
  /** Error of the last lost stream, until there is progress again. */
  #lost: ActivityEventsError | undefined;
  #failure: ActivityEventsError | undefined;
  #isClosed = false;

  constructor(options: EventSinkOptions) {
    this.#options = options;
    this.#patience = new IngestPatience(options);
  }

  /** Yields the outcomes in the order of the events; known outcomes come before an error is thrown. Call it once. */
  async *outcomes(): AsyncGenerator<IngestOutcome, void, undefined> {
    const { signal } = this.#options;
    const giveUp = () =>
      this.#fail(new ActivityEventsError({ code: "CANCELLED", message: "The stream was given up." }));
    signal?.addEventListener("abort", giveUp);
    if (signal?.aborted) giveUp();
    try {
      this.#take();
      for (;;) {
        for (const held of this.#queue.takeOutcomes()) {
          yield held.outcome;
          this.#queue.release(held);
          if (this.#queue.isRoomy) this.#roomWakeup.wake();
        }
        if (this.#queue.hasOutcomes) continue;
        if (this.#failure !== undefined) throw this.#failure;
        if (this.#sourceEnd === undefined || !this.#queue.isSettled) await this.#outcomeWakeup.wait();
        else if ("thrown" in this.#sourceEnd) throw this.#sourceEnd.thrown;
        else return;
      }
    } finally {
      signal?.removeEventListener("abort", giveUp);
      this.#close();
    }
  }

  /** Takes events while there is room; never throws. */
  async #take(): Promise<void> {
    try {
      const { source } = this.#options;
      const isAsync = Symbol.asyncIterator in source;
      this.#source = isAsync ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
      let taken = { events: 0, bytes: 0 };
      while (!this.#isOver) {
        if (this.#queue.isFull) {
          await this.#roomWakeup.wait();
          continue;
        }
        const next = this.#source.next();
        const { done, value } = isAsync ? await next : (next as IteratorResult<EventInit>);
        if (this.#isOver) return;
        if (done) break;
        taken = { events: taken.events + 1, bytes: taken.bytes + this.#add(value) };
        if (taken.events < limits.ingestMessageEvents && taken.bytes < limits.ingestMessageBytes) continue;
        // Yield, so that a source that always has more does not delay sending.
        taken = { events: 0, bytes: 0 };
        await turnOfTheLoop();
      }
      this.#sourceEnd = {};
    } catch (thrown) {
      this.#sourceEnd = { thrown };
    }
    this.#pump();
    this.#outcomeWakeup.wake();
  }

  /** Adds an event; returns its encoded size in bytes. */
  #add(init: EventInit): number {
    const wasSettled = this.#queue.isSettled;
    const taken = takeEvent(init);
    this.#queue.add(taken);
    if (this.#queue.hasOutcomes) this.#outcomeWakeup.wake();
    if (this.#queue.isSettled) return taken.bytes;
    if (wasSettled) {
      this.#patience.progress(performance.now());
      if (this.#stream === undefined) this.#openLater();
      else this.#watch();
    }
    // Deferred, so that further events that are ready share the message.
    this.#pumping ??= setImmediate(() => this.#pump());
    return taken.bytes;
  }

  /** Sends what the window allows, and half-closes after the last event. */
  #pump(): void {
    clearImmediate(this.#pumping);
    this.#pumping = undefined;
    if (this.#stream === undefined) return;
    for (let message = this.#queue.nextMessage(); message !== undefined; message = this.#queue.nextMessage()) {
      this.#stream.send(message);
    }
    if (this.#sourceEnd !== undefined && this.#queue.isSent) this.#stream.finish();
  }

  #openLater(): void {
    clearTimeout(this.#retryTimer);
    const delayMs = this.#retryAtMs - performance.now();
    if (delayMs <= 0) this.#open();
    else this.#retryTimer = setTimeout(() => this.#open(), Math.min(Math.ceil(delayMs), timerMsMax));
    this.#watch();
  }

  #open(): void {
    if (this.#isOver || this.#queue.isSettled) return;
    this.#patience.streamBegun(performance.now());
    try {
      this.#stream = this.#options.connection.open({
        opened: (window) => {
          this.#patience.sign(performance.now());
          this.#queue.open(window);
          this.#pump();
          this.#roomWakeup.wake();
        },
        acknowledged: (acknowledgements) => {
          try {
            this.#queue.acknowledge(acknowledgements);
          } catch (error) {
            return this.#fail(decodeError(error));
          }
          const nowMs = performance.now();
          this.#patience.progress(nowMs);
          this.#patience.sign(nowMs);
          this.#lost = undefined;
          this.#options.backOff.reset();
          this.#pump();
          this.#outcomeWakeup.wake();
        },
        ended: (ending) => this.#ended(ending),
      });
    } catch (error) {
      this.#fail(decodeError(error));
      return;
    }
    this.#watch();
  }

  #ended(ending: IngestEnding): void {
    this.#stream = undefined;
    const missing = missingAcknowledgements(ending, this.#queue.acknowledged);
    this.#queue.close();
    if (missing !== undefined) {
      this.#fail(missing);
      return;
    }
    const error = errorOf(ending);
    const retryDelayMs = (ending.kind === "goaway" ? ending.retryDelayMs : error?.retryDelayMs) ?? 0;
    const nowMs = performance.now();
    const delayMs = this.#options.backOff.nextMs(retryDelayMs);
    this.#retryAtMs = nowMs + delayMs;
    if (this.#queue.isSettled) return;
    if (error !== undefined) {
      this.#lost = error;
      const isInTime = nowMs + delayMs < this.#patience.giveUpMs;
      if (!isPassing(error) || !isInTime) {
        this.#fail(error);
        return;
      }
      this.#renewIfQuiet(nowMs);
    }
    this.#openLater();
  }

  /**
   * Switches to another connection if this one has been silent. Streams may end meanwhile: while a reconnect attempt hangs,
   * grpc-js ends each new stream at once.
   */
  #renewIfQuiet(nowMs: number): void {
    if (!this.#patience.isQuiet(nowMs)) return;
    this.#options.connection.renew();
    this.#patience.sign(nowMs);
  }

  /** Sets the watchdog for the next deadline: leave the stream, give up the service, or check its health. */
  #watch(): void {
    clearTimeout(this.#watchdog);
    const nowMs = performance.now();
    this.#patience.missed(Math.max(0, nowMs - this.#watchMs));
    this.#watchMs = Number.POSITIVE_INFINITY;
    if (this.#queue.isSettled || this.#isOver) return;
    const { giveUpMs, silentMs, askMs, isWedged } = this.#patience;
    if (nowMs >= giveUpMs) {
      this.#fail((isWedged ? undefined : this.#lost) ?? givenUp(this.#options.timeoutMs, isWedged));
      return;
    }
    if (this.#stream !== undefined && nowMs >= silentMs) {
      this.#stream.leave();
      const message = `The server acknowledged nothing for ${this.#options.silenceMs / 1_000} s.`;
      this.#ended({ kind: "failed", error: new ActivityEventsError({ code: "UNAVAILABLE", message }) });
      return;
    }
    const mayAsk = this.#stream !== undefined && !this.#isAsking;
    if (mayAsk && nowMs >= askMs) {
      this.#ask(nowMs);
      return;
    }
    const untilMs = Math.min(giveUpMs, this.#stream === undefined ? giveUpMs : silentMs, mayAsk ? askMs : giveUpMs);
    const waitMs = Math.min(Math.ceil(untilMs - nowMs), timerMsMax);
    this.#watchMs = nowMs + waitMs;
    this.#watchdog = setTimeout(() => this.#watch(), waitMs);
  }

  /** Checks the health of the service; never throws. No answer counts as not serving. */
  #ask(nowMs: number): void {
    this.#isAsking = true;
    this.#patience.asked(nowMs);
    this.#options.connection.serves(this.#options.timeoutMs).then((serves) => {
      this.#isAsking = false;
      if (serves) this.#patience.life(performance.now());
      this.#watch();
    });
    this.#watch();
  }

  get #isOver(): boolean {
    return this.#isClosed || this.#failure !== undefined;
  }

  #fail(error: ActivityEventsError): void {
    this.#failure ??= error;
    this.#outcomeWakeup.wake();
  }

  #close(): void {
    this.#isClosed = true;
    clearTimeout(this.#retryTimer);
    clearTimeout(this.#watchdog);
    clearImmediate(this.#pumping);
    // A half-closed stream with every event acknowledged ends by itself.
    if (!this.#queue.isSettled || this.#sourceEnd === undefined) this.#stream?.leave();
    this.#options.connection.close();
    this.#roomWakeup.wake();
    if (this.#sourceEnd !== undefined) return;
    try {
      // Not awaited: a source that waits for its own next event cannot end earlier.
      Promise.resolve(this.#source?.return?.()).catch(() => {});
    } catch {}
  }
}

function givenUp(timeoutMs: number, isWedged: boolean): ActivityEventsError {
  const message = isWedged
    ? `The service reports SERVING, but acknowledged nothing for ${(timeoutMs * limits.ingestSlowTimeouts) / 1_000} s.`
    : `The service acknowledged nothing for ${timeoutMs / 1_000} s.`;
  return new ActivityEventsError({ code: "DEADLINE_EXCEEDED", message });
}

/** Tells whether another stream may succeed. The store would refuse the same event again. */
function isPassing({ code, reason }: ActivityEventsError): boolean {
  return passingStatuses.has(code) && reason !== "STORE_REFUSED";
}
