import type {
  GoawayReason,
  StreamEventsResponse,
} from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import type { Event } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { methods, read } from "@activity-events/testing/contract-client";
import type { Client, ClientReadableStream, ServiceError } from "@grpc/grpc-js";

/** A frame that is no `events`, by its name in the contract. */
export interface Marker {
  readonly frame: string;
  readonly cursor: number;
  readonly headSequence: number | undefined;
  /** Of a goaway. */
  readonly reason: GoawayReason | undefined;
}

interface FollowOptions {
  readonly deploymentId: string;
  readonly afterSequence?: number;
  readonly follow?: boolean;
  /** Told of each event, in the order in which they come. */
  readonly onEvent?: (event: Event) => void;
}

/** Follows one deployment over the wire and holds the stream to its promises: no gap, nothing twice, cursors that are true. */
export class Follower {
  readonly markers: Marker[] = [];
  /** How the stream ended: undefined with OK, else with what grpc-js says. */
  readonly ended: Promise<ServiceError | undefined>;
  /** The first promise that was broken. */
  broken: string | undefined;
  readonly #stream: ClientReadableStream<StreamEventsResponse>;
  readonly #onEvent: (event: Event) => void;
  readonly #waiting = new Set<() => void>();
  #last: number;
  #isOver = false;

  constructor(client: Client, { deploymentId, afterSequence = 0, follow = true, onEvent = () => {} }: FollowOptions) {
    this.#last = afterSequence;
    this.#onEvent = onEvent;
    this.#stream = read(client, methods.streamEvents, { deploymentId, afterSequence: BigInt(afterSequence), follow });
    this.#stream.on("data", (response: StreamEventsResponse) => {
      this.#take(response);
      this.#wake();
    });
    this.ended = new Promise((resolve) => {
      this.#stream.on("end", () => resolve(undefined));
      this.#stream.on("error", (error) => resolve(error as ServiceError));
    });
    this.ended.then(() => {
      this.#isOver = true;
      this.#wake();
    });
  }

  /** The last sequence that has come. */
  get last(): number {
    return this.#last;
  }

  /** The names of the markers, without heartbeats, which come when it is time. */
  get frames(): string[] {
    return this.markers.map(({ frame }) => frame).filter((frame) => frame !== "heartbeat");
  }

  /** Stops reading: from now on the wire fills up. */
  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  cancel(): void {
    this.#stream.cancel();
  }

  /** Resolves when the condition holds; throws when the stream ends or breaks a promise before. */
  async until(condition: () => boolean): Promise<void> {
    for (;;) {
      if (this.broken !== undefined) throw new Error(this.broken);
      if (condition()) return;
      if (this.#isOver) throw new Error(`the stream ended at sequence ${this.#last}: ${await this.ended}`);
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  /** Resolves when the event of this sequence has come. */
  reach(sequence: number): Promise<void> {
    return this.until(() => this.#last >= sequence);
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  #take({ frame }: StreamEventsResponse): void {
    if (frame.case === undefined) {
      this.broken ??= `a frame without content came after sequence ${this.#last}`;
    } else if (frame.case === "events") {
      if (this.markers.length === 0) this.broken ??= "events came before opened";
      for (const event of frame.value.events) this.#takeEvent(event);
    } else {
      const cursor = Number(frame.value.cursor);
      const headSequence = "headSequence" in frame.value ? Number(frame.value.headSequence) : undefined;
      if (cursor !== this.#last) this.broken ??= `${frame.case} says cursor ${cursor} after sequence ${this.#last}`;
      if ((headSequence ?? cursor) < cursor) this.broken ??= `${frame.case} says head ${headSequence} at ${cursor}`;
      const name = frame.case.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
      const reason = frame.case === "goaway" ? frame.value.reason : undefined;
      this.markers.push({ frame: name, cursor, headSequence, reason });
    }
  }

  #takeEvent(event: Event): void {
    if (Number(event.sequence) !== this.#last + 1)
      this.broken ??= `sequence ${event.sequence} came after ${this.#last}`;
    this.#last = Number(event.sequence);
    this.#onEvent(event);
  }
}
