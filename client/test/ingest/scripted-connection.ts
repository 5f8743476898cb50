import {
  IngestAcknowledgementSchema,
  IngestEventsRequestSchema,
} from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import type { Event } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { create, fromBinary, type MessageInitShape } from "@bufbuild/protobuf";
import type { EventNames } from "../../src/events/named-event.ts";
import type { IngestConnection } from "../../src/ingest/ingest-connection.ts";
import type { Acknowledgement } from "../../src/ingest/ingest-frame.ts";
import type { IngestListener, IngestStream } from "../../src/ingest/ingest-stream.ts";

/** What a stream does when a message has come, the next turn of the event loop. */
export type Script = (stream: ScriptedStream) => void;

/** Acknowledges all that was sent. */
export const willing: Script = (stream) => stream.acknowledge(stream.sent.length - stream.acknowledged);

/** A stream that grants a large window and then does what a test says. */
export class ScriptedStream implements IngestStream {
  readonly listener: IngestListener;
  readonly openedMs = performance.now();
  readonly events: Event[] = [];
  messages = 0;
  acknowledged = 0;
  isFinished = false;
  isLeft = false;
  readonly #script: Script;

  constructor(listener: IngestListener, script: Script) {
    this.listener = listener;
    this.#script = script;
    setImmediate(() => listener.opened({ events: 10_000, bytes: 8 * 1024 * 1024 }));
  }

  /** The `message` of each event that was sent. */
  get sent(): readonly string[] {
    return this.events.map(({ message }) => message);
  }

  /** Acknowledges the next so many events by name, with a sequence that is their ordinal. */
  acknowledge(count: number): void {
    const first = this.acknowledged;
    this.acknowledged += count;
    const places = Array.from({ length: count }, (_, index) => first + index);
    this.listener.acknowledged(places.map((place) => acknowledgementOf(place + 1, this.events[place])));
  }

  send(message: Buffer): void {
    const { events } = fromBinary(IngestEventsRequestSchema, message);
    this.events.push(...events);
    this.messages += 1;
    setImmediate(() => this.#script(this));
  }

  finish(): void {
    this.isFinished = true;
  }

  leave(): void {
    this.isLeft = true;
  }
}

/** A connection whose streams do what a test says: the first one the first script, and so on, then `willing`. */
export class ScriptedConnection implements IngestConnection {
  readonly streams: ScriptedStream[] = [];
  renewals = 0;
  /** What the service says when it is asked whether it serves; undefined: nothing. */
  serving: boolean | undefined;
  questions = 0;
  isClosed = false;
  readonly #scripts: readonly Script[];

  constructor(...scripts: readonly Script[]) {
    this.#scripts = scripts;
  }

  open(listener: IngestListener): IngestStream {
    const stream = new ScriptedStream(listener, this.#scripts[this.streams.length] ?? willing);
    this.streams.push(stream);
    return stream;
  }

  serves(): Promise<boolean> {
    this.questions += 1;
    return this.serving === undefined ? new Promise(() => {}) : Promise.resolve(this.serving);
  }

  renew(): void {
    this.renewals += 1;
  }

  close(): void {
    this.isClosed = true;
  }
}

/** The acknowledgement of the event with this ordinal, by the event's ids. */
export function acknowledgementOf(
  ordinal: number,
  { deploymentId = "d", eventId = "e" }: Partial<EventNames> = {},
  fields: MessageInitShape<typeof IngestAcknowledgementSchema> = {},
): Acknowledgement {
  return create(IngestAcknowledgementSchema, {
    ordinal: BigInt(ordinal),
    sequence: BigInt(ordinal),
    deploymentId,
    eventId,
    ...fields,
  });
}
