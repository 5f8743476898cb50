import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { ActivityEventsClient, IngestOutcome } from "@activity-events/client";
import { type Event, EventSchema } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { v7 as uuidv7 } from "uuid";
import { diskInTime } from "../spool/disk-in-time.ts";
import type { SpoolWriter } from "../spool/spool-writer.ts";
import { timestampNow } from "../text/timestamp.ts";
import { EventSender } from "./event-sender.ts";

/** Options of a recorder. */
export interface RecorderOptions {
  readonly deploymentId: string;
  readonly traceParent: string;
  /** Creates the run's file in the spool. */
  readonly createSpool: () => Promise<SpoolWriter>;
  readonly connect: () => Promise<ActivityEventsClient>;
  readonly before: (client: ActivityEventsClient, signal: AbortSignal) => Promise<void>;
  readonly timeoutMs: number;
}

/** Event without what the recorder gives it. */
export type RunEvent = Omit<
  MessageInitShape<typeof EventSchema>,
  "$typeName" | "eventId" | "deploymentId" | "sendTime" | "traceParent"
>;

/** An event that the service refused for good. */
export interface RefusedEvent {
  readonly event: Event;
  readonly outcome: Extract<IngestOutcome, { kind: "refused" }>;
}

/** Outcome of a whole run's recording. */
export interface Recording {
  /** Events that the service does not have, as far as is known. */
  readonly unsent: number;
  /** How many of those are in no file either. */
  readonly lost: number;
  readonly refused: readonly RefusedEvent[];
  /** Path of the refused events; undefined if they could not be set aside. */
  readonly refusedPath: string | undefined;
  /** Folder of the unsent events. */
  readonly spoolFolder: string | undefined;
  /** Why there is no spool, or no longer. */
  readonly spoolFailure: unknown;
  /** Why the last attempt to send failed. */
  readonly sendFailure: unknown;
}

/**
 * Records the events of one run: gives each its id and time, writes it to the spool, and sends it from there on in the background. Nothing
 * here throws: what goes wrong is told at the end.
 */
export class Recorder {
  readonly #options: RecorderOptions;
  readonly #sender: EventSender;
  /** Events that are not in the spool yet, and not with the sender. */
  #unspooled: Event[] = [];
  #spool: SpoolWriter | undefined;
  #spoolFailure: unknown;
  /** Events that the spool does not have, by their ids. */
  readonly #unspoolable = new Set<string>();
  #writing: Promise<void> | undefined;
  readonly #refused: RefusedEvent[] = [];
  #isSetAside = true;

  constructor(options: RecorderOptions) {
    this.#options = options;
    const { connect, before, timeoutMs } = options;
    this.#sender = new EventSender({ connect, before, timeoutMs, onOutcome: (outcome) => this.#settle(outcome) });
  }

  /** Number of events that the service does not have yet. */
  get waiting(): number {
    return this.#unspooled.length + this.#sender.waiting;
  }

  /** Records an event, with the time of now. */
  record(init: RunEvent): void {
    const { deploymentId, traceParent } = this.#options;
    const born = { eventId: uuidv7(), deploymentId, traceParent, sendTime: timestampNow() };
    this.#unspooled.push(create(EventSchema, { ...init, ...born }));
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined;
    });
  }

  /** Waits until the events so far are in the spool, or cannot be. */
  async spooled(): Promise<void> {
    await this.#writing;
  }

  /** Waits until everything is sent, `givenUp` aborts or the time is over; then tells what became of the events. */
  async end(patienceMs: number, givenUp: AbortSignal): Promise<Recording> {
    const finishing = async () => {
      await this.spooled();
      this.#sender.close();
      await this.#sender.ended;
      // A file without an unsent event would be sent again.
      if (this.waiting === 0) await this.#spool?.remove();
    };
    await Promise.race([finishing(), sleep(patienceMs, undefined, { signal: givenUp }).catch(() => {})]);
    this.#sender.stop();
    const { waiting: unsent } = this;
    return {
      unsent,
      lost: Math.min(unsent, this.#unspoolable.size + this.#unspooled.length),
      refused: this.#refused,
      refusedPath: this.#isSetAside ? this.#spool?.refusedPath : undefined,
      spoolFolder: this.#spool === undefined ? undefined : dirname(this.#spool.path),
      spoolFailure: this.#spoolFailure,
      sendFailure: this.#sender.failure,
    };
  }

  /** Writes to the spool, several events at once where the disk is slower than they come. */
  async #write(): Promise<void> {
    while (this.#unspooled.length > 0) {
      const count = this.#unspooled.length;
      try {
        if (this.#spoolFailure === undefined) {
          this.#spool ??= await diskInTime(this.#options.createSpool());
          await diskInTime(this.#spool.append(this.#unspooled.slice(0, count)));
        }
      } catch (error) {
        // Not tried again: behind a line that was cut, others would be lost.
        this.#spoolFailure = error;
      }
      const events = this.#unspooled.splice(0, count);
      if (this.#spoolFailure !== undefined) for (const { eventId } of events) this.#unspoolable.add(eventId);
      this.#sender.send(events);
    }
  }

  async #settle(outcome: IngestOutcome): Promise<void> {
    this.#unspoolable.delete(outcome.event.eventId);
    if (outcome.kind === "stored") return;
    this.#refused.push({ event: outcome.event, outcome });
    try {
      await this.#spool?.refuse(outcome.event, `${outcome.error.code}: ${outcome.error.message}`);
    } catch {
      this.#isSetAside = false;
    }
  }
}
