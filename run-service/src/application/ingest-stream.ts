import {
  type Append,
  type Appended,
  type AppendOptions,
  AppendSeries,
  DeploymentGoneError,
  type DeploymentId,
  EventIdConflictError,
  type EventStore,
} from "@activity-events/event-store";
import { limits } from "../limits.ts";
import type { Poker } from "./poker.ts";
import { Refusal } from "./refusal.ts";
import { refusalOf } from "./refusal-of.ts";
import { type GoawayReason, goawayDelayMs, onAbort } from "./stream-end.ts";
import { timeUpRefusal } from "./time-up.ts";
import type { WaitingEvents } from "./waiting-events.ts";
import { Wakeup } from "./wakeup.ts";

/** Ids of an event from its producer or the server; empty if unreadable. */
export interface IngestNames {
  readonly deploymentId: string;
  readonly eventId: string;
}

/** Outcome of one event: its sequence, or its refusal, already encoded. */
export type IngestOutcome =
  | {
      readonly kind: "stored";
      readonly names: IngestNames;
      readonly sequence: number;
      readonly receiveTimeUs: number;
      /** True if it was stored before with the same content. */
      readonly duplicate: boolean;
    }
  | { readonly kind: "refused"; readonly names: IngestNames; readonly refusal: Uint8Array };

/** Frame of a stream: opened, then acknowledgements in the order of the events, then perhaps goaway. */
export type IngestFrame =
  | { readonly kind: "opened"; readonly windowEvents: number; readonly windowBytes: number }
  | {
      readonly kind: "acknowledgements";
      /** Ordinal of the event of the first outcome. */
      readonly firstOrdinal: number;
      readonly outcomes: readonly IngestOutcome[];
    }
  | {
      readonly kind: "goaway";
      readonly reason: GoawayReason;
      readonly lastOrdinal: number;
      readonly retryDelayMs: number;
    };

/** Number of events of a stream, by outcome. */
export interface IngestCounts {
  readonly events: number;
  readonly stored: number;
  readonly duplicates: number;
  readonly refused: number;
}

export interface IngestStreamOptions {
  readonly store: EventStore;
  readonly poker: Poker;
  /** Events of all streams that wait for the store. */
  readonly waiting: WaitingEvents;
  /** In ms since 1970; infinite if the caller set none. */
  readonly callerDeadlineMs: number;
  /** Aborted when the caller has left. */
  readonly signal: AbortSignal;
  /** Aborted when the caller's credentials have ended, or permit something else. */
  readonly revoked: AbortSignal;
  /** Aborted when the service stops. */
  readonly draining: AbortSignal;
  /** Returns the time at which the service stops waiting for the store, in ms since 1970; infinite until it drains. */
  readonly drainDeadlineMs: () => number;
  /** End of the stream's maximum age, on the monotonic clock. */
  readonly endMs: number;
  /** Encodes the parts of a refusal that its acknowledgement has. */
  readonly encodeRefusal: (refusal: Refusal) => Uint8Array;
}

/** An event that was taken but not acknowledged. */
interface TakenEvent {
  /** Undefined if the event was refused before it reached the store. */
  readonly deploymentId: DeploymentId | undefined;
  readonly bytes: number;
  /** In ms since 1970. */
  readonly deadlineMs: number;
  /** Undefined while the store has the event. */
  outcome: IngestOutcome | { readonly kind: "failed"; readonly refusal: Refusal } | undefined;
}

/** One stream of events to record. */
export class IngestStream {
  readonly #options: IngestStreamOptions;
  readonly #series = new AppendSeries();
  readonly #wakeup = new Wakeup();
  readonly #roomWakeup = new Wakeup();
  readonly #wakeRoom = () => this.#roomWakeup.wake();
  /** Unacknowledged events in the order of the stream. */
  readonly #taken: TakenEvent[] = [];
  #takenBytes = 0;
  #acknowledged = 0;
  /** Set when the stream takes no more events; null if the caller has half-closed. */
  #end: Refusal | null | undefined;
  #counts = { stored: 0, duplicates: 0, refused: 0 };

  constructor(options: IngestStreamOptions) {
    this.#options = options;
  }

  get counts(): IngestCounts {
    return { events: this.#acknowledged + this.#taken.length, ...this.#counts };
  }

  /** Tells whether window and instance have room for another event. */
  get hasRoom(): boolean {
    return (
      this.#taken.length < limits.ingestWindowEvents &&
      this.#takenBytes < limits.ingestWindowBytes &&
      this.#options.waiting.hasRoom
    );
  }

  /** Tells whether the stream takes no more events. */
  get isClosed(): boolean {
    return this.#end !== undefined || this.#options.signal.aborted || this.#endReason() !== undefined;
  }

  /** Resolves with true when another event may be taken, with false if none will be. */
  async room(): Promise<boolean> {
    const { waiting } = this.#options;
    while (!this.hasRoom && !this.isClosed) {
      if (!waiting.hasRoom) waiting.onRoom(this.#wakeRoom);
      await this.#roomWakeup.wait();
    }
    return !this.isClosed;
  }

  /** Takes the next event; `bytes` is its encoded size. */
  take(append: Append, bytes: number): void {
    const { callerDeadlineMs, signal, drainDeadlineMs } = this.#options;
    const deadlineMs = Math.min(callerDeadlineMs, Date.now() + limits.appendTimeMs, drainDeadlineMs());
    const taken = this.#push(append.deploymentId, bytes, deadlineMs);
    this.#options.waiting.add(bytes);
    this.#append(append, { deadlineMs, signal, series: this.#series }).then(
      ([appended]) => this.#conclude(taken, () => this.#settle(taken, append, appended)),
      (error) => this.#conclude(taken, () => this.#refuse(taken, append, error)),
    );
  }

  /** Takes the next event, which is already refused; `bytes` is its encoded size. */
  takeRefused(refusal: Refusal, names: IngestNames, bytes: number): void {
    const outcome = this.#refused(refusal, names);
    this.#push(undefined, bytes, Number.POSITIVE_INFINITY).outcome = outcome;
    this.#wakeup.wake();
  }

  /** Ends the input. A refusal, for input that is not an event, ends the stream. */
  finish(refusal: Refusal | null): void {
    this.#end ??= refusal;
    this.#wakeup.wake();
  }

  /** Yields the frames; each after the previous one was taken. Throws a Refusal; ends when the caller has left. */
  async *frames(): AsyncGenerator<IngestFrame, void, void> {
    const { signal, draining, revoked } = this.#options;
    const wake = () => {
      this.#wakeup.wake();
      this.#wakeRoom();
    };
    const stopWaking = onAbort([signal, draining, revoked], wake);
    try {
      yield { kind: "opened", windowEvents: limits.ingestWindowEvents, windowBytes: limits.ingestWindowBytes };
      while (!signal.aborted) {
        const outcomes = this.#ready();
        if (outcomes.length > 0) {
          yield { kind: "acknowledgements", firstOrdinal: this.#acknowledged + 1, outcomes };
          this.#forget(outcomes.length);
          continue;
        }
        this.#failWhenLate();
        this.#throwIfFailed();
        if (this.#taken.length === 0 && this.#end !== undefined) {
          if (this.#end === null) return;
          throw this.#end;
        }
        const reason = this.#endReason();
        if (this.#taken.length === 0 && reason !== undefined) {
          yield { kind: "goaway", reason, lastOrdinal: this.#acknowledged, retryDelayMs: goawayDelayMs(reason) };
          return;
        }
        await this.#wakeup.wait(this.#patienceMs());
      }
    } finally {
      this.#end ??= null;
      wake();
      this.#options.waiting.forget(this.#wakeRoom);
      stopWaking();
    }
  }

  #push(deploymentId: DeploymentId | undefined, bytes: number, deadlineMs: number): TakenEvent {
    const taken: TakenEvent = { deploymentId, bytes, deadlineMs, outcome: undefined };
    this.#taken.push(taken);
    this.#takenBytes += bytes;
    // A waiter on an idle stream does not know this event's deadline.
    if (this.#taken.length === 1) this.#wakeup.wake();
    return taken;
  }

  #append(append: Append, options: AppendOptions): Promise<readonly Appended[]> {
    try {
      return this.#options.store.append(append, options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Turns an error in making an outcome into the end of the stream, so that the process survives. */
  #conclude(taken: TakenEvent, makeOutcome: () => void): void {
    try {
      makeOutcome();
    } catch (error) {
      this.#fail(taken, refusalOf(error));
    } finally {
      this.#options.waiting.release(taken.bytes);
      this.#wakeup.wake();
    }
  }

  #settle(taken: TakenEvent, { deploymentId }: Append, appended: Appended | undefined): void {
    if (appended === undefined) throw new Error("an append of one event was answered with none");
    const { event, duplicate } = appended;
    if (duplicate) this.#counts.duplicates += 1;
    else {
      this.#counts.stored += 1;
      this.#options.poker.poke(deploymentId);
    }
    const { eventId, sequence, receiveTimeUs } = event;
    const names = { deploymentId, eventId };
    taken.outcome ??= { kind: "stored", names, sequence, receiveTimeUs, duplicate };
  }

  #refuse(taken: TakenEvent, { deploymentId, events }: Append, error: unknown): void {
    const refusal = refusalOf(error, () => "event");
    if (error instanceof EventIdConflictError || error instanceof DeploymentGoneError) {
      taken.outcome ??= this.#refused(refusal, { deploymentId, eventId: events[0]?.eventId ?? "" });
    } else {
      const { callerDeadlineMs, drainDeadlineMs } = this.#options;
      const isTimeUp = refusal.reason === "DEADLINE_PASSED";
      this.#fail(taken, isTimeUp ? timeUpRefusal(callerDeadlineMs, drainDeadlineMs()) : refusal);
    }
  }

  #refused(refusal: Refusal, names: IngestNames): IngestOutcome {
    const encoded = this.#options.encodeRefusal(refusal);
    this.#counts.refused += 1;
    return { kind: "refused", names, refusal: encoded };
  }

  /** Returns the outcomes that can be acknowledged next. */
  #ready(): IngestOutcome[] {
    const outcomes: IngestOutcome[] = [];
    for (const { outcome } of this.#taken) {
      if (outcome === undefined || outcome.kind === "failed" || outcomes.length === limits.acknowledgementsMax) break;
      outcomes.push(outcome);
    }
    return outcomes;
  }

  #forget(count: number): void {
    this.#acknowledged += count;
    for (const { bytes } of this.#taken.splice(0, count)) this.#takenBytes -= bytes;
    this.#roomWakeup.wake();
  }

  /** Fails an overdue event. The store may still have it, so its later events are withdrawn. */
  #failWhenLate(): void {
    const [first] = this.#taken;
    const { callerDeadlineMs, drainDeadlineMs } = this.#options;
    if (first === undefined || first.outcome !== undefined) return;
    if (Date.now() < Math.min(first.deadlineMs, drainDeadlineMs())) return;
    this.#fail(first, timeUpRefusal(callerDeadlineMs, drainDeadlineMs()));
  }

  #fail(taken: TakenEvent, refusal: Refusal): void {
    if (taken.deploymentId !== undefined) this.#series.break(taken.deploymentId, refusal);
    taken.outcome ??= { kind: "failed", refusal: endOfStream(refusal) };
    this.#end ??= null;
  }

  #throwIfFailed(): void {
    const outcome = this.#taken[0]?.outcome;
    if (outcome?.kind === "failed") throw outcome.refusal;
  }

  /** Returns the time until the first waiting event is overdue or the stream reaches its maximum age. */
  #patienceMs(): number {
    const [first] = this.#taken;
    const ageMs = this.#options.endMs - performance.now();
    if (first === undefined) return ageMs;
    const waitMs = Math.min(first.deadlineMs, this.#options.drainDeadlineMs()) - Date.now();
    return ageMs > 0 ? Math.min(ageMs, waitMs) : waitMs;
  }

  /** Returns the service's reason to end the stream now, if any. */
  #endReason(): GoawayReason | undefined {
    if (this.#options.draining.aborted) return "draining";
    if (this.#options.revoked.aborted) return "credentials";
    return performance.now() >= this.#options.endMs ? "max_age" : undefined;
  }
}

/**
 * Makes the refusal that ends a stream. After a store fault the client may reopen it; an event that the store refuses
 * would end it again.
 */
function endOfStream(refusal: Refusal): Refusal {
  const { reason, message, metadata, cause, retryDelayMs = 1_000 } = refusal;
  if (reason === "STORE_REFUSED") return refusal;
  return new Refusal(reason, message, { metadata, cause, retryDelayMs, answersWith: "UNAVAILABLE" });
}
