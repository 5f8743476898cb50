import type { DeploymentId, MirrorPosition, MirrorStore } from "@activity-events/event-store";
import type { Logger } from "pino";
import type { Limits } from "./limits.ts";
import { logFault } from "./log-fault.ts";
import { MirrorFaultError } from "./mirror-fault.ts";
import { chunksOf, type MirrorMessage, tombstone } from "./mirror-message.ts";
import type { Publisher } from "./publisher.ts";

/** What a run's progress needs. */
export interface ProgressOptions {
  readonly store: MirrorStore;
  readonly publisher: Publisher;
  readonly eventsTopic: string;
  readonly logger: Logger;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly limits: Limits;
}

/**
 * How far a run is: it publishes in order, one request a chunk, and advances the position after each that was accepted.
 * Every message up to the position was accepted before, so whoever publishes from there on cannot skip or reorder.
 */
export class Progress {
  readonly #deploymentId: DeploymentId;
  readonly #options: ProgressOptions;
  readonly #endMs: number;
  #position: MirrorPosition;
  #refusedInARow = 0;
  /** Messages that were accepted, repeats included. */
  published = 0;
  tombstones = 0;
  /** How long the event that waited longest had waited when it was accepted; undefined: none was. */
  lagMs: number | undefined;

  constructor(position: MirrorPosition, options: ProgressOptions) {
    this.#deploymentId = position.deploymentId;
    this.#position = position;
    this.#options = options;
    this.#endMs = options.clock() + options.limits.runTimeMs;
  }

  get mirroredSequence(): number {
    return this.#position.mirroredSequence;
  }

  /** How many more messages the run may publish; 0 when its time is over, too. */
  get messagesLeft(): number {
    if (this.#options.clock() >= this.#endMs) return 0;
    return Math.max(0, this.#options.limits.runEventsMax - this.published - this.tombstones);
  }

  /** Publishes messages that follow the position; less of them when time is over or another run moved the position. */
  async publish(messages: readonly MirrorMessage[]): Promise<void> {
    for (const chunk of chunksOf(messages, this.#options.limits)) {
      if (!(await this.#publishChunk(chunk))) return;
    }
  }

  /** False: what follows does not follow the position any more, or time is over. */
  async #publishChunk(chunk: readonly MirrorMessage[]): Promise<boolean> {
    if (this.messagesLeft === 0) return false;
    const outcome = await this.#send(chunk);
    if (outcome.kind === "accepted") return this.#advance(chunk);
    const [message] = chunk;
    if (message !== undefined && chunk.length === 1) return this.#bury(message, outcome.cause);
    for (const alone of chunk) {
      if (!(await this.#publishChunk([alone]))) return false;
    }
    return true;
  }

  /** Publishes a tombstone in the place of a message that was refused for itself. */
  async #bury(message: MirrorMessage, cause: Error): Promise<boolean> {
    const { sequence, eventId } = message;
    this.#refusedInARow += 1;
    if (message.kind === "tombstone" || this.#refusedInARow >= this.#options.limits.refusedInARowMax) {
      throw new MirrorFaultError("TOPIC_REFUSES", `the topic refuses the message of sequence ${sequence}`, { cause });
    }
    const inItsPlace = tombstone({
      deploymentId: this.#deploymentId,
      sequence,
      eventId,
      reason: "EVENT_REFUSED",
      cause,
    });
    const outcome = await this.#send([inItsPlace]);
    if (outcome.kind === "accepted") return this.#advance([inItsPlace]);
    throw new MirrorFaultError("TOPIC_REFUSES", `the topic refuses the tombstone of sequence ${sequence}`, {
      cause: outcome.cause,
    });
  }

  #send(chunk: readonly MirrorMessage[]) {
    const { publisher, eventsTopic } = this.#options;
    return publisher.publish(
      eventsTopic,
      chunk.map(({ message }) => message),
    );
  }

  /** Moves the position behind an accepted chunk; false: another run has moved it, and this one goes on from there. */
  async #advance(chunk: readonly MirrorMessage[]): Promise<boolean> {
    const { store } = this.#options;
    let { mirroredSequence } = this.#position;
    for (const message of chunk) {
      this.#count(message);
      mirroredSequence = message.sequence;
    }
    const moved = await store.advance(this.#position, mirroredSequence);
    this.#position = moved ?? (await store.readPosition(this.#deploymentId));
    return moved !== undefined;
  }

  #count(message: MirrorMessage): void {
    const { clock, logger } = this.#options;
    if (message.kind === "event") {
      this.published += 1;
      this.#refusedInARow = 0;
      this.lagMs = Math.max(this.lagMs ?? 0, clock() - Math.floor(message.receiveTimeUs / 1_000));
      return;
    }
    this.tombstones += 1;
    const { reason, sequence, eventId, cause } = message;
    logFault(logger, { code: reason, sequence, event: eventId, err: cause }, "a tombstone took an event's place");
  }
}
