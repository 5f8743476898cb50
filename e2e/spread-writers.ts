import { setTimeout as sleep } from "node:timers/promises";
import type { Event } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { call, connect, methods } from "@activity-events/testing/contract-client";
import { type Refused, refusalIn } from "@activity-events/testing/refusal";
import type { SeededRandom } from "@activity-events/testing/seeded-random";
import type { Client } from "@grpc/grpc-js";
import { inParallel } from "./in-parallel.ts";
import { readStoredEvents } from "./stored-events.ts";

/** Statuses after which a producer sends the same event again; all others are final. */
const retryable = new Set(["UNAVAILABLE", "RESOURCE_EXHAUSTED", "DEADLINE_EXCEEDED", "CANCELLED"]);

interface SpreadWritersOptions {
  /** Of the service processes; every attempt goes to one of them by chance. */
  readonly addresses: readonly string[];
  readonly writers: number;
  readonly eventsTotal: number;
  readonly deployments: number;
  readonly random: SeededRandom;
  /** Time for one attempt; unset: more than the service takes for itself. */
  readonly timeoutMs?: number;
  /** Is awaited before event n is tried for the first time; unset: each writer goes on at once. */
  readonly holds?: (eventNumber: number) => Promise<unknown>;
}

/** Where an event is stored, or was said to be. */
export interface Place {
  readonly deploymentId: string;
  readonly sequence: number;
}

/** A refusal, and how long it took. */
export type TimedRefusal = Refused & { readonly afterMs: number };

/**
 * Producers that share many deployments and several service processes: event n has the id `e-n` and goes to a deployment
 * by chance, and each writer has one event under way, which it sends with the same id until it is acknowledged.
 */
export class SpreadWriters {
  readonly deploymentIds: readonly string[];
  /** By event id. */
  readonly acknowledged = new Map<string, Place>();
  /** Events that were answered as stored before, and had been tried before. */
  duplicates = 0;
  /** Events whose very first answer said that they had been stored before. */
  readonly neverTried: string[] = [];
  readonly refused: TimedRefusal[] = [];
  /** Resolves when all events are acknowledged; rejects with what is no reason to send again. */
  readonly done: Promise<void>;
  readonly #options: SpreadWritersOptions;
  readonly #waiting = new Set<() => void>();
  #isOver = false;

  constructor(options: SpreadWritersOptions) {
    this.#options = options;
    this.deploymentIds = Array.from({ length: options.deployments }, (_, index) => `release-${index + 1}`);
    const clients = options.addresses.map(connect);
    // All chance is taken before the first call, so that it does not depend on the order of the answers.
    const places = Array.from({ length: options.eventsTotal }, () => ({
      deploymentId: options.random.pick(this.deploymentIds),
      client: options.random.between(0, clients.length - 1),
    }));
    this.done = inParallel(options.eventsTotal, options.writers, async (index) => {
      const { deploymentId, client } = places[index] as (typeof places)[number];
      await options.holds?.(index + 1);
      await this.#write(clients, client, { deploymentId, eventId: `e-${index + 1}` });
    }).finally(() => {
      this.#isOver = true;
      this.#wake();
    });
    // Whoever waits sees it; until somebody does it is no unhandled rejection.
    this.done.catch(() => {});
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Resolves when so many events are acknowledged; throws when the writers are done before. */
  async reach(acknowledged: number): Promise<void> {
    while (this.acknowledged.size < acknowledged) {
      if (this.#isOver) throw new Error(`the writers are done with ${this.acknowledged.size} events acknowledged`);
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  /** Tries one process, then the next one, and so on. */
  async #write(clients: readonly Client[], first: number, event: { deploymentId: string; eventId: string }) {
    for (let attempt = 0; ; attempt += 1) {
      const client = clients[(first + attempt) % clients.length] as Client;
      if (await this.#tryToWrite(client, attempt, event)) return;
      await sleep(20);
    }
  }

  async #tryToWrite(client: Client, attempt: number, event: { deploymentId: string; eventId: string }) {
    const { timeoutMs = 120_000 } = this.#options;
    const begunMs = performance.now();
    try {
      const message = `event ${event.eventId} of ${event.deploymentId}`;
      const answer = await call(client, methods.createEvent, { event: { ...event, message } }, { timeoutMs });
      if (answer.duplicate && attempt === 0) this.neverTried.push(event.eventId);
      if (answer.duplicate) this.duplicates += 1;
      const sequence = Number(answer.event?.sequence);
      this.acknowledged.set(event.eventId, { deploymentId: event.deploymentId, sequence });
      return true;
    } catch (error) {
      const refusal = { ...refusalIn(error), afterMs: performance.now() - begunMs };
      this.refused.push(refusal);
      if (!retryable.has(refusal.code)) throw error;
      return false;
    } finally {
      this.#wake();
    }
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }
}

/** Reads all events of these deployments; throws where a stream breaks one of its promises. */
export async function readAllStored(
  address: string,
  deploymentIds: readonly string[],
): Promise<ReadonlyMap<string, readonly Event[]>> {
  const client = connect(address);
  const stored = new Map<string, readonly Event[]>();
  for (const deploymentId of deploymentIds) stored.set(deploymentId, await readStoredEvents(client, deploymentId));
  client.close();
  return stored;
}

/** The places of stored events, by event id, in the form of what was acknowledged. */
export function placesOf(stored: ReadonlyMap<string, readonly Event[]>): ReadonlyMap<string, Place> {
  const events = [...stored.values()].flat();
  return new Map(
    events.map(({ eventId, deploymentId, sequence }) => [eventId, { deploymentId, sequence: Number(sequence) }]),
  );
}
