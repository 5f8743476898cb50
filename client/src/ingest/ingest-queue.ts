import type { Event } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { status as Code } from "@grpc/grpc-js";
import { ActivityEventsError } from "../activity-events-error.ts";
import { decodeStatus } from "../calls/decode-error.ts";
import { namesEvent, showNames } from "../events/named-event.ts";
import { limits } from "../limits.ts";
import type { Acknowledgement } from "./ingest-frame.ts";
import type { IngestOutcome } from "./ingest-outcome.ts";

/** Limit of unacknowledged events and their bytes. */
export interface IngestWindow {
  readonly events: number;
  /** Encoded size. */
  readonly bytes: number;
}

/** An event from the source. */
export interface TakenEvent {
  readonly event: Event;
  /** An encoded message with only this event, or the reason why it cannot be sent. */
  readonly encoded: Uint8Array | ActivityEventsError;
  /** Encoded size, also of an event that cannot be sent. */
  readonly bytes: number;
  /** True if the sink made the id. */
  readonly idIsOurs: boolean;
}

interface QueuedEvent extends TakenEvent {
  /** True if an earlier stream sent it too. */
  resent: boolean;
}

/** An outcome that uses the window until it is released. */
export interface HeldOutcome {
  readonly outcome: IngestOutcome;
  readonly bytes: number;
}

/**
 * Queue between the source and the reader of the outcomes: events to send, events without an acknowledgement, and unread
 * outcomes, in order. Together they stay within the window, except for a single larger event.
 */
export class IngestQueue {
  /** Events without an outcome; the first `#sent` were sent or cannot be. */
  readonly #events: QueuedEvent[] = [];
  #sent = 0;
  /** Sent on this stream without an acknowledgement. */
  #onTheWay = { events: 0, bytes: 0 };
  /** Ordinal of the last acknowledged event of this stream. */
  #ordinal = 0;
  /** Initial window, until a server grants more. */
  #window: IngestWindow = { events: 1, bytes: limits.ingestMessageBytesMax };
  #isOpen = false;
  #outcomes: HeldOutcome[] = [];
  /** Everything in the queue, including outcomes. */
  #held = { events: 0, bytes: 0 };

  /** True if no event waits for its outcome. */
  get isSettled(): boolean {
    return this.#events.length === 0;
  }

  get isFull(): boolean {
    return this.#held.events >= this.#window.events || this.#held.bytes >= this.#window.bytes;
  }

  get hasOutcomes(): boolean {
    return this.#outcomes.length > 0;
  }

  /** True if a good part of the window is free. Refilling in batches costs less than event by event. */
  get isRoomy(): boolean {
    return (
      this.#held.events <= this.#window.events * limits.ingestRefillShare &&
      this.#held.bytes <= this.#window.bytes * limits.ingestRefillShare
    );
  }

  /** True if everything that can be sent now was sent. */
  get isSent(): boolean {
    return this.#sent === this.#events.length;
  }

  add(taken: TakenEvent): void {
    this.#events.push({ ...taken, resent: false });
    this.#held.events += 1;
    this.#held.bytes += taken.bytes;
    if (this.#events.length === 1) this.#settle(0);
  }

  /** Starts a stream with this window. Before it and after `close` nothing may be sent. */
  open(window: IngestWindow): void {
    this.#isOpen = true;
    this.#window = {
      events: Math.min(Math.max(1, window.events), limits.ingestWindow.events),
      bytes: Math.min(Math.max(1, window.bytes), limits.ingestWindow.bytes),
    };
  }

  /** Ends the stream; the next one resends its unacknowledged events. */
  close(): void {
    for (const event of this.#events.slice(0, this.#sent)) event.resent = true;
    this.#isOpen = false;
    this.#sent = 0;
    this.#onTheWay = { events: 0, bytes: 0 };
    this.#ordinal = 0;
  }

  /** Returns the next encoded message; undefined if there is none or the window is full. */
  nextMessage(): Buffer | undefined {
    if (!this.#isOpen) return undefined;
    const parts: Uint8Array[] = [];
    let bytes = 0;
    for (; this.#sent < this.#events.length; this.#sent += 1) {
      const { encoded } = this.#events[this.#sent] as QueuedEvent;
      if (!(encoded instanceof Uint8Array)) continue;
      const isFirst = parts.length === 0;
      const isFull = parts.length === limits.ingestMessageEvents || bytes + encoded.length > limits.ingestMessageBytes;
      if (!isFirst && isFull) break;
      // Send a single event whatever the window: no acknowledgement would make more room for it.
      if (!this.#fits(encoded.length) && this.#onTheWay.events > 0) break;
      parts.push(encoded);
      bytes += encoded.length;
      this.#onTheWay.events += 1;
      this.#onTheWay.bytes += encoded.length;
    }
    return parts.length === 0 ? undefined : Buffer.concat(parts, bytes);
  }

  /** Last acknowledged ordinal of this stream, and the number of events sent after it. */
  get acknowledged(): { readonly ordinal: number; readonly missing: number } {
    return { ordinal: this.#ordinal, missing: this.#onTheWay.events };
  }

  /** Turns acknowledged events into outcomes. Throws if an acknowledgement is not for the next event, by ordinal or by ids. */
  acknowledge(acknowledgements: readonly Acknowledgement[]): void {
    let settled = 0;
    let fault: string | undefined;
    for (const acknowledgement of acknowledgements) {
      settled = this.#refuseUnsent(settled);
      const queued = settled < this.#sent ? this.#events[settled] : undefined;
      fault = faultOf(acknowledgement, this.#ordinal + 1, queued);
      if (queued === undefined || fault !== undefined) break;
      this.#ordinal += 1;
      this.#outcomes.push({ outcome: outcomeOf(queued, acknowledgement), bytes: queued.bytes });
      this.#onTheWay.events -= 1;
      this.#onTheWay.bytes -= queued.bytes;
      settled += 1;
    }
    this.#settle(settled);
    if (fault !== undefined) throw new ActivityEventsError({ code: "INTERNAL", message: fault });
  }

  /** Returns the outcomes since the last call; each uses the window until it is released. */
  takeOutcomes(): readonly HeldOutcome[] {
    const outcomes = this.#outcomes;
    this.#outcomes = [];
    return outcomes;
  }

  release({ bytes }: HeldOutcome): void {
    this.#held.events -= 1;
    this.#held.bytes -= bytes;
  }

  #fits(bytes: number): boolean {
    return this.#onTheWay.events < this.#window.events && this.#onTheWay.bytes + bytes <= this.#window.bytes;
  }

  #settle(count: number): void {
    const settled = this.#refuseUnsent(count);
    this.#events.splice(0, settled);
    this.#sent = Math.max(0, this.#sent - settled);
  }

  /** Settles unsendable events from this index on; returns the index of the next sendable one. */
  #refuseUnsent(index: number): number {
    for (let next = index; ; next += 1) {
      const queued = this.#events[next];
      if (queued === undefined || queued.encoded instanceof Uint8Array) return next;
      const { event, encoded: error, bytes } = queued;
      this.#outcomes.push({ outcome: { kind: "refused", event, error }, bytes });
    }
  }
}

/** Describes the mismatch between an acknowledgement and the next event, if any. */
function faultOf(
  acknowledgement: Acknowledgement,
  nextOrdinal: number,
  queued: QueuedEvent | undefined,
): string | undefined {
  const { ordinal, status, eventId, deploymentId } = acknowledgement;
  if (queued === undefined || ordinal !== BigInt(nextOrdinal)) {
    return `The server acknowledged event ${ordinal}; ${nextOrdinal} was next.`;
  }
  if (namesEvent(acknowledgement, queued.event)) return undefined;
  // The server cannot name an event that it could not decode.
  const isNameless = eventId === "" && deploymentId === "";
  if (isNameless && status?.code === Code.INVALID_ARGUMENT) return undefined;
  const found = `The server acknowledged ${showNames(acknowledgement)} as event ${ordinal} of the stream`;
  return `${found}; sent was ${showNames(queued.event)}. What it stored is unknown; it may be older than this client.`;
}

function outcomeOf({ event, idIsOurs, resent }: QueuedEvent, acknowledgement: Acknowledgement): IngestOutcome {
  const { status, sequence, receiveTime, duplicate } = acknowledgement;
  if (status !== undefined && status.code !== 0) return { kind: "refused", event, error: decodeStatus(status) };
  return { kind: "stored", event, sequence, receiveTime, duplicate: duplicate && !idIsOurs, resent };
}
