import type { Event } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { status as Code } from "@grpc/grpc-js";
import { ActivityEventsError } from "../activity-events-error.ts";
import { decodeStatus } from "../calls/decode-error.ts";
import { namesEvent, showNames } from "../events/named-event.ts";
import { limits } from "../limits.ts";
import type { Acknowledgement } from "./ingest-frame.ts";
import type { IngestOutcome } from "./ingest-outcome.ts";

/** Most events and bytes on their way without an acknowledgement. */
export interface IngestWindow {
  readonly events: number;
  /** Encoded. */
  readonly bytes: number;
}

/** An event that the source gave. */
export interface TakenEvent {
  readonly event: Event;
  /** A message with this event alone, encoded; or why it cannot be sent. */
  readonly encoded: Uint8Array | ActivityEventsError;
  /** Encoded, also when it cannot be sent. */
  readonly bytes: number;
  /** Its id was made here. */
  readonly idIsOurs: boolean;
}

interface QueuedEvent extends TakenEvent {
  /** On an earlier stream, too. */
  resent: boolean;
}

/** An outcome that counts until it is released. */
export interface HeldOutcome {
  readonly outcome: IngestOutcome;
  readonly bytes: number;
}

/**
 * The events between the source and the reader of the outcomes, in their order: those that wait to be sent, those that
 * wait for an acknowledgement, and the outcomes that wait to be read. All of them together stay within the window, but for
 * one event that is larger.
 */
export class IngestQueue {
  /** Without an outcome; the first `#sent` are on their way, or need not be sent. */
  readonly #events: QueuedEvent[] = [];
  #sent = 0;
  /** On this stream and without an acknowledgement. */
  #onTheWay = { events: 0, bytes: 0 };
  /** Of the last acknowledged event of this stream. */
  #ordinal = 0;
  /** Until a server grants more. */
  #window: IngestWindow = { events: 1, bytes: limits.ingestMessageBytesMax };
  #isOpen = false;
  #outcomes: HeldOutcome[] = [];
  /** All that is here, outcomes included. */
  #held = { events: 0, bytes: 0 };

  /** No event waits for its outcome. */
  get isSettled(): boolean {
    return this.#events.length === 0;
  }

  get isFull(): boolean {
    return this.#held.events >= this.#window.events || this.#held.bytes >= this.#window.bytes;
  }

  get hasOutcomes(): boolean {
    return this.#outcomes.length > 0;
  }

  /** There is room for a good part of the window: to be refilled in one go costs less than event by event. */
  get isRoomy(): boolean {
    return (
      this.#held.events <= this.#window.events * limits.ingestRefillShare &&
      this.#held.bytes <= this.#window.bytes * limits.ingestRefillShare
    );
  }

  /** All that can be sent now has been sent. */
  get isSent(): boolean {
    return this.#sent === this.#events.length;
  }

  add(taken: TakenEvent): void {
    this.#events.push({ ...taken, resent: false });
    this.#held.events += 1;
    this.#held.bytes += taken.bytes;
    if (this.#events.length === 1) this.#settle(0);
  }

  /** A stream is open and grants this much; before it and after `close` nothing is to be sent. */
  open(window: IngestWindow): void {
    this.#isOpen = true;
    this.#window = {
      events: Math.min(Math.max(1, window.events), limits.ingestWindow.events),
      bytes: Math.min(Math.max(1, window.bytes), limits.ingestWindow.bytes),
    };
  }

  /** The stream is over: what was sent on it and not acknowledged is to be sent again on the next. */
  close(): void {
    for (const event of this.#events.slice(0, this.#sent)) event.resent = true;
    this.#isOpen = false;
    this.#sent = 0;
    this.#onTheWay = { events: 0, bytes: 0 };
    this.#ordinal = 0;
  }

  /** The next message to send, encoded; undefined when there is none or the window is used up. */
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
      // An event alone is sent whatever the window says: no acknowledgement would make more room for it.
      if (!this.#fits(encoded.length) && this.#onTheWay.events > 0) break;
      parts.push(encoded);
      bytes += encoded.length;
      this.#onTheWay.events += 1;
      this.#onTheWay.bytes += encoded.length;
    }
    return parts.length === 0 ? undefined : Buffer.concat(parts, bytes);
  }

  /** The last acknowledged event of this stream, and how many of those that were sent follow it. */
  get acknowledged(): { readonly ordinal: number; readonly missing: number } {
    return { ordinal: this.#ordinal, missing: this.#onTheWay.events };
  }

  /** Turns the events that are acknowledged into outcomes. Throws when these are not the next ones, or others by name. */
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

  /** The outcomes since the last call; they count until each is released. */
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

  /** Gives the events from this index on that cannot be sent their outcome; returns the index of the first that can. */
  #refuseUnsent(index: number): number {
    for (let next = index; ; next += 1) {
      const queued = this.#events[next];
      if (queued === undefined || queued.encoded instanceof Uint8Array) return next;
      const { event, encoded: error, bytes } = queued;
      this.#outcomes.push({ outcome: { kind: "refused", event, error }, bytes });
    }
  }
}

/** Mismatch of this acknowledgement with the next event; undefined when it fits. */
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
  // What the server could not decode it cannot name.
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
