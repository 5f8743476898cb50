import { setImmediate as nextTurn } from "node:timers/promises";
import type { ContentCodec } from "../../content-codec.ts";
import type { Append, Appended } from "../../domain/append.ts";
import { storedEvent, wireBytesMax } from "../../domain/event.ts";
import type { EventId } from "../../domain/identifiers.ts";
import type { AppendOptions } from "../../event-store.ts";
import { findConflicts } from "../../find-conflicts.ts";
import { limits } from "../../limits.ts";
import type { Listeners } from "../../listeners.ts";
import { DeploymentGoneError, EventIdConflictError, SequenceMismatchError } from "../../store-error.ts";
import { failAppend, faultBeforeCommit, tooManyWaiting, type WaitingAppend } from "../../waiting-append.ts";
import { faultError } from "../faults.ts";
import { outcomeAt, packCalls } from "../threads/packed-calls.ts";
import type { WorkerThread } from "../threads/worker-thread.ts";
import type { AppendOutcome } from "./append-group.ts";
import type { AppendReply, AppendRequest } from "./append-worker.ts";

interface QueuedAppend extends WaitingAppend {
  /** Ids whose stored content is equal after decoding. */
  readonly same: ReadonlySet<EventId>;
}

/** A group in the thread. */
interface HandedOver {
  readonly calls: readonly QueuedAppend[];
  readonly reply: Promise<AppendReply | Error>;
}

/** Group commit: while a commit runs, further appends gather; the next commit takes them all. */
export class AppendQueue {
  readonly #thread: WorkerThread<AppendRequest, AppendReply>;
  readonly #listeners: Listeners;
  readonly #codec: ContentCodec;
  readonly #onFault: () => Promise<void>;
  /** Calls come before series: a caller waits for one answer, a series for any. */
  #waiting: QueuedAppend[] = [];
  #waitingCalls = 0;
  #waitingBytes = 0;
  #committing: Promise<void> | undefined;

  constructor(
    thread: WorkerThread<AppendRequest, AppendReply>,
    options: {
      readonly listeners: Listeners;
      readonly codec: ContentCodec;
      /** Receives each disk fault, before the next commit. */
      readonly onFault: () => Promise<void>;
    },
  ) {
    this.#thread = thread;
    this.#listeners = options.listeners;
    this.#codec = options.codec;
    this.#onFault = options.onFault;
  }

  append(append: Append, options: AppendOptions): Promise<readonly Appended[]> {
    return this.#enqueue(append, options, nothingSame);
  }

  get isIdle(): boolean {
    return this.#committing === undefined;
  }

  /** Resolves when no append is waiting or pending. */
  async idle(): Promise<void> {
    while (this.#committing !== undefined) await this.#committing;
  }

  #enqueue(append: Append, options: AppendOptions, same: ReadonlySet<EventId>): Promise<readonly Appended[]> {
    const bytes = append.events.reduce((sum, event) => sum + wireBytesMax(append.deploymentId, event), 0);
    const fault = tooManyWaiting(this.#waitingBytes, bytes, options);
    if (fault !== undefined) return Promise.reject(fault);
    return new Promise((resolve, reject) => {
      const waiting = { append, options, bytes, same, resolve, reject };
      if (options.series === undefined) this.#waiting.splice(this.#waitingCalls++, 0, waiting);
      else this.#waiting.push(waiting);
      this.#waitingBytes += bytes;
      this.#committing ??= this.#commitAll();
    });
  }

  async #commitAll(): Promise<void> {
    // Lets the appends of this turn of the event loop join the first commit.
    await Promise.resolve();
    let group = this.#handOver();
    while (group !== undefined) {
      const reply = await group.reply;
      // With many waiting appends, the thread gets the next group before the callers of this one are answered, unless a
      // fault, also one that the answer reveals, withdraws some. With few, the callers' next appends join it, which
      // makes fewer commits.
      const next = isAccepted(reply) && this.#waiting.length >= limits.handOverCalls ? this.#handOver() : undefined;
      await this.#answer(group.calls, reply);
      group = next ?? this.#handOver();
    }
    this.#committing = undefined;
  }

  /** Passes the next group to the thread; returns undefined if nothing waits. */
  #handOver(): HandedOver | undefined {
    while (this.#waiting.length > 0) {
      const calls = this.#takeGroup();
      if (calls.length === 0) continue;
      return { calls, reply: this.#ask(calls).catch((error: Error) => error) };
    }
    return undefined;
  }

  async #ask(calls: readonly QueuedAppend[]): Promise<AppendReply> {
    const group = packCalls(
      calls.map(({ append, same, options }) => ({ append, same, series: options.series?.number })),
    );
    return this.#thread.ask({ kind: "append", group }, [group.numbers.buffer, group.bytes.buffer]);
  }

  async #answer(calls: readonly QueuedAppend[], reply: AppendReply | Error): Promise<void> {
    try {
      if (reply instanceof Error) throw reply;
      if (reply.kind === "fault") {
        await this.#onFault();
        throw faultError(reply.fault);
      }
      if (reply.kind !== "appended") throw new Error(`the store's thread answered an append with ${reply.kind}`);
      let answered = 0;
      for (const [place, call] of calls.entries()) {
        this.#settleAlone(call, outcomeAt(reply.outcomes, place));
        if (call.options.series !== undefined) continue;
        answered += 1;
        // Sends these answers first, so that their callers send the next calls while the others are answered.
        if (answered % limits.turnAnswers === 0) await nextTurn();
      }
    } catch (error) {
      for (const call of calls) failAppend(call, error as Error);
    }
  }

  #takeGroup(): QueuedAppend[] {
    const group: QueuedAppend[] = [];
    let bytes = 0;
    let events = 0;
    let taken = 0;
    for (const call of this.#waiting) {
      const isFull =
        bytes + call.bytes > limits.commitBytesMax || events + call.append.events.length > limits.commitEventsMax;
      if (group.length > 0 && isFull) break;
      taken += 1;
      this.#waitingBytes -= call.bytes;
      const fault = faultBeforeCommit(call);
      if (fault !== undefined) {
        failAppend(call, fault);
        continue;
      }
      group.push(call);
      bytes += call.bytes;
      events += call.append.events.length;
    }
    this.#waiting = this.#waiting.slice(taken);
    this.#waitingCalls = Math.max(0, this.#waitingCalls - taken);
    return group;
  }

  /** Settles the calls independently: an error of one does not affect the others of the commit. */
  #settleAlone(call: QueuedAppend, outcome: AppendOutcome | undefined): void {
    try {
      this.#settle(call, outcome);
    } catch (error) {
      failAppend(call, error as Error);
    }
  }

  #settle(call: QueuedAppend, outcome: AppendOutcome | undefined): void {
    const { append, options, resolve, reject } = call;
    if (outcome === undefined) {
      reject(new Error("the store's thread left an append without an answer"));
    } else if (outcome.kind === "fault") {
      failAppend(call, faultError(outcome.fault));
    } else if (outcome.kind === "mismatch") {
      reject(new SequenceMismatchError(append.deploymentId, outcome.expectedSequence, outcome.actualSequence));
    } else if (outcome.kind === "gone") {
      reject(new DeploymentGoneError(outcome.head));
    } else if (outcome.kind === "clash") {
      const conflicts = findConflicts(append, outcome.clashes, this.#codec.differingFields);
      const same = new Set([...call.same, ...outcome.clashes.map(({ stored }) => stored.eventId)]);
      if (conflicts.length > 0) reject(new EventIdConflictError(append.deploymentId, conflicts));
      else this.#enqueue(append, options, same).then(resolve, reject);
    } else if (outcome.kind === "written") {
      const stored = append.events.map((event, index) =>
        storedEvent(event, outcome.firstSequence + index, append.receiveTimeUs),
      );
      resolve(stored.map((event) => ({ event, duplicate: false })));
      this.#listeners.tell(append.deploymentId, stored);
    } else {
      const appended = appendedOf(append, outcome);
      const stored = appended.filter(({ duplicate }) => !duplicate).map(({ event }) => event);
      resolve(appended);
      this.#listeners.tell(append.deploymentId, stored);
    }
  }
}

const nothingSame: ReadonlySet<EventId> = new Set();

function isAccepted(reply: AppendReply | Error): boolean {
  if (reply instanceof Error || reply.kind !== "appended") return false;
  return [...reply.outcomes.others.values()].every(({ kind }) => kind === "accepted");
}

function appendedOf(append: Append, outcome: Extract<AppendOutcome, { kind: "accepted" }>): Appended[] {
  return append.events.map((event, index): Appended => {
    const result = outcome.results[index];
    if (result === undefined)
      throw new Error(`the store's thread answered ${outcome.results.length} of ${append.events.length} events`);
    if ("duplicate" in result) return { event: result.duplicate, duplicate: true };
    return { event: storedEvent(event, result.sequence, append.receiveTimeUs), duplicate: false };
  });
}
