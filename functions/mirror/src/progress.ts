import type { DeploymentId, MirrorPosition, MirrorStore } from "@activity-events/event-store";
import type { Logger } from "pino";
import type { Limits } from "./limits.ts";
import { logFault } from "./log-fault.ts";
import { MirrorFaultError } from "./mirror-fault.ts";
import { chunksOf, type MirrorMessage, tombstone } from "./mirror-message.ts";
import type { Publisher } from "./publisher.ts";

/** Where a run keeps its position. */
export type Positions = Pick<MirrorStore, "advance" | "readPosition">;

/** Positions, publisher, clock and limits of a run. */
export interface ProgressOptions {
  readonly store: Positions;
  readonly publisher: Publisher;
  readonly eventsTopic: string;
  readonly logger: Logger;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly limits: Limits;
  /** True if the run publishes again what was published before. */
  readonly replayed?: boolean;
}

/**
 * Progress of a run. Publishes in order, one request per chunk, and advances the position after each accepted chunk.
 * Every message up to the position was accepted, so publishing from there never skips or reorders.
 */
export class Progress {
  readonly #deploymentId: DeploymentId;
  readonly #options: ProgressOptions;
  readonly #endMs: number;
  #position: MirrorPosition;
  #refusedInARow = 0;
  /** Accepted messages, including repeats. */
  published = 0;
  tombstones = 0;
  /** Longest time that an accepted event had waited, in ms; undefined before the first. */
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

  /** Messages that the run may still publish; 0 when its time is over. */
  get messagesLeft(): number {
    if (this.#options.clock() >= this.#endMs) return 0;
    return Math.max(0, this.#options.limits.runEventsMax - this.published - this.tombstones);
  }

  /** Publishes the messages after the position; fewer if time is over or another run moved the position. */
  async publish(messages: readonly MirrorMessage[]): Promise<void> {
    for (const chunk of chunksOf(messages, this.#options.limits)) {
      if (!(await this.#publishChunk(chunk))) return;
    }
  }

  /** Publishes a chunk. Returns false if the position moved or time is over. */
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

  /** Publishes a tombstone for a refused message. */
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
      replayed: this.#options.replayed ?? false,
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

  /**
   * Moves the position past an accepted chunk. Returns false if another run has moved it; this run then continues from
   * there.
   */
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
      const { receiveTimeUs } = message;
      if (receiveTimeUs === undefined) return;
      this.lagMs = Math.max(this.lagMs ?? 0, clock() - Math.floor(receiveTimeUs / 1_000));
      return;
    }
    this.tombstones += 1;
    const { reason, sequence, eventId, cause } = message;
    if (reason === "PURGED") return;
    logFault(logger, { code: reason, sequence, event: eventId, err: cause }, "a tombstone took an event's place");
  }
}
