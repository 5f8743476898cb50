import { setTimeout as sleep } from "node:timers/promises";
import type { Event } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { call, connect, methods } from "@activity-events/testing/contract-client";
import { type Refused, refusalIn } from "@activity-events/testing/refusal";

/** Statuses after which a producer sends the same event again; all others are final. */
const retryable = new Set(["UNAVAILABLE", "RESOURCE_EXHAUSTED", "DEADLINE_EXCEEDED", "CANCELLED"]);

interface WritersOptions {
  readonly address: string;
  readonly deploymentId: string;
  readonly writers: number;
  /** How many events they write together before they stop by themselves. */
  readonly eventsTotal: number;
  /** Bytes of each message at least. */
  readonly messageBytes?: number;
}

/**
 * Many producers on one deployment, each with a connection of its own and one event under way, which it sends with the
 * same id until it is acknowledged: event n has the id `e-n`, and a message that can be told from its number.
 */
export class EventWriters {
  /** Sequence by the number of the event. */
  readonly acknowledged = new Map<number, number>();
  /** How often an event was answered that had been stored before without an answer. */
  duplicates = 0;
  /** All refusals, in the order in which they came. */
  readonly refused: Refused[] = [];
  /** Resolves when all writers have stopped; rejects with what is no reason to send again. */
  readonly done: Promise<void>;
  readonly #options: WritersOptions;
  readonly #waiting = new Set<() => void>();
  #next = 1;
  #stopped = false;

  constructor(options: WritersOptions) {
    this.#options = options;
    this.done = Promise.all(Array.from({ length: options.writers }, () => this.#write())).then(() => {});
    // Whoever waits sees it; until somebody does it is no unhandled rejection.
    this.done.catch(() => {});
  }

  /** Resolves when the condition holds; looked at after each answer. Throws when the writers are done before. */
  async until(condition: () => boolean): Promise<void> {
    let isOver = false;
    const over = this.done.finally(() => {
      isOver = true;
    });
    while (!condition()) {
      if (isOver) throw new Error(`the writers are done with ${this.acknowledged.size} events acknowledged`);
      await Promise.race([over, new Promise<void>((resolve) => this.#waiting.add(resolve))]);
    }
  }

  /** Lets each writer finish the event that it has under way, but not retry it. */
  stop(): void {
    this.#stopped = true;
  }

  /** Names what is not as it must be of what is stored: all that is acknowledged by now, and each event as it was sent. */
  async faultsIn(readStored: () => Promise<readonly Event[]>): Promise<readonly string[]> {
    const acknowledged = [...this.acknowledged];
    const stored = await readStored();
    const faults: string[] = [];
    const sequenceByNumber = new Map<number, number>();
    for (const [index, event] of stored.entries()) {
      const number = Number(event.eventId.slice(2));
      const { sequence } = event;
      if (Number(sequence) !== index + 1) faults.push(`place ${index + 1} holds sequence ${sequence}`);
      if (event.message !== this.#message(number)) faults.push(`event ${event.eventId} has other content`);
      if (sequenceByNumber.has(number)) faults.push(`event ${event.eventId} is stored twice`);
      sequenceByNumber.set(number, Number(sequence));
    }
    for (const [number, sequence] of acknowledged) {
      const found = sequenceByNumber.get(number);
      if (found !== sequence) faults.push(`event e-${number} was acknowledged at ${sequence} and is at ${found}`);
    }
    return faults;
  }

  async #write(): Promise<void> {
    const { address, eventsTotal } = this.#options;
    const client = connect(address);
    while (this.#next <= eventsTotal && !this.#stopped) {
      const number = this.#next;
      this.#next += 1;
      while (!(await this.#tryToWrite(client, number)) && !this.#stopped) await sleep(10);
    }
    client.close();
  }

  async #tryToWrite(client: ReturnType<typeof connect>, number: number): Promise<boolean> {
    const event = { deploymentId: this.#options.deploymentId, eventId: `e-${number}`, message: this.#message(number) };
    try {
      const answer = await call(client, methods.createEvent, { event }, { timeoutMs: 120_000, waitForReady: true });
      this.acknowledged.set(number, Number(answer.event?.sequence));
      if (answer.duplicate) this.duplicates += 1;
      return true;
    } catch (error) {
      const refusal = refusalIn(error);
      this.refused.push(refusal);
      if (!retryable.has(refusal.code)) throw error;
      return false;
    } finally {
      for (const wake of this.#waiting) wake();
      this.#waiting.clear();
    }
  }

  #message(number: number): string {
    return `event ${number} `.padEnd(this.#options.messageBytes ?? 0, "·x");
  }
}
