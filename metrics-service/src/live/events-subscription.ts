import { type ActivityEventsClient, ActivityEventsError, EventSchema, type FollowItem } from "@activity-events/client";
import { StreamEventsResponseSchema } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { create, type MessageInitShape, toJson } from "@bufbuild/protobuf";
import { limits } from "../limits.ts";
import type { Subscription, SubscriptionPort } from "./live-socket.ts";
import type { ReadingTurns } from "./reading-turns.ts";

interface EventsSubscriptionOptions {
  readonly client: Pick<ActivityEventsClient, "followEvents">;
  readonly deploymentId: string;
  readonly afterSequence: bigint;
  readonly port: SubscriptionPort;
  readonly turns: ReadingTurns;
}

type Frame = NonNullable<MessageInitShape<typeof StreamEventsResponseSchema>["frame"]>;

/**
 * Follows the events of a deployment for a page. What grpc-js reads ahead of a history takes some 14 MB, so few read at a time, and a
 * stream whose page does not read is closed; it goes on where it was when the page reads again. Nothing is missed.
 */
export class EventsSubscription implements Subscription {
  readonly #options: EventsSubscriptionOptions;
  readonly #ended = new AbortController();
  /** Events that are to be sent, as proto JSON. */
  #texts: string[] = [];
  #characters = 0;
  #cursor: bigint;
  #flush: NodeJS.Immediate | undefined;
  #onRoom = () => {};

  constructor(options: EventsSubscriptionOptions) {
    this.#options = options;
    this.#cursor = options.afterSequence;
    this.#follow();
  }

  pump(): void {
    if (this.#options.port.hasRoom) this.#onRoom();
  }

  close(): void {
    this.#ended.abort();
    clearImmediate(this.#flush);
    this.#onRoom();
  }

  async #follow(): Promise<void> {
    const { port, turns } = this.#options;
    const { signal } = this.#ended;
    try {
      while (!signal.aborted) {
        await this.#room();
        const endTurn = await turns.take();
        try {
          if (!signal.aborted && port.hasRoom) await this.#followWhileRead(endTurn);
        } finally {
          endTurn();
        }
      }
    } catch (error) {
      if (signal.aborted) return;
      const status = error instanceof ActivityEventsError ? error.code : "INTERNAL";
      port.end({ status, message: (error as Error).message });
    }
  }

  /** Follows from the cursor, until the page does not read any more. */
  async #followWhileRead(onCaughtUp: () => void): Promise<void> {
    const { client, deploymentId, port } = this.#options;
    const left = new AbortController();
    const signal = AbortSignal.any([left.signal, this.#ended.signal]);
    for await (const item of client.followEvents({ deploymentId, afterSequence: this.#cursor }, { signal })) {
      if (signal.aborted) return;
      if (!port.hasRoom && !(await this.#room(limits.unreadTimeMs))) {
        left.abort();
        return;
      }
      this.#take(item);
      if (item.kind === "caughtUp" || item.kind === "disconnected") onCaughtUp();
    }
  }

  /** Resolves when there is room, or this has ended; with false if there is none within the time. */
  #room(timeMs?: number): Promise<boolean> {
    if (this.#options.port.hasRoom || this.#ended.signal.aborted) return Promise.resolve(true);
    return new Promise((resolve) => {
      const timer = timeMs === undefined ? undefined : setTimeout(() => settle(false), timeMs);
      const settle = (hasRoom: boolean) => {
        clearTimeout(timer);
        this.#onRoom = () => {};
        resolve(hasRoom);
      };
      this.#onRoom = () => settle(true);
    });
  }

  #take(item: FollowItem): void {
    if (item.kind === "event") {
      this.#cursor = item.event.sequence;
      const text = JSON.stringify(toJson(EventSchema, item.event));
      this.#texts.push(text);
      this.#characters += text.length;
      const isFull = this.#texts.length >= limits.frameEventsMax || this.#characters >= limits.frameCharactersTarget;
      if (isFull) this.#sendEvents();
      else this.#flush ??= setImmediate(() => this.#sendEvents());
      return;
    }
    this.#sendEvents();
    if (item.kind === "caughtUp" || item.kind === "fellBehind" || item.kind === "heartbeat") {
      const { cursor, headSequence } = item;
      this.#send({ case: item.kind, value: { cursor, headSequence } });
    } else if (item.kind === "reconnected") {
      this.#send({ case: "opened", value: { cursor: this.#cursor } });
    }
  }

  #sendEvents(): void {
    clearImmediate(this.#flush);
    this.#flush = undefined;
    const texts = this.#texts;
    this.#texts = [];
    this.#characters = 0;
    if (texts.length > 0) this.#options.port.send(`"events":{"events":[${texts.join(",")}]}`);
  }

  #send(frame: Frame): void {
    const message = create(StreamEventsResponseSchema, { frame });
    // An object of one field: the frame's.
    this.#options.port.send(JSON.stringify(toJson(StreamEventsResponseSchema, message)).slice(1, -1));
  }
}
