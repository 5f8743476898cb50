import {
  ActivityEventsService,
  IngestEventsRequestSchema,
  IngestEventsResponseSchema,
} from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { methodPath } from "@activity-events/proto/service-definition";
import { fromBinary } from "@bufbuild/protobuf";
import { deploymentId, EventTemplate, eventId, eventOf } from "../event-template.ts";
import { countEntries } from "./count-entries.ts";
import type { Load, LoadOptions, RoundOfLoad } from "./load.ts";
import { openRawChannel, type RawChannel, rawBidiStream } from "./raw-channel.ts";
import { SequenceLedger } from "./sequence-ledger.ts";
import { storedFaults } from "./stored-faults.ts";

const messageEvents = 100;
const readBackMax = 50;

/**
 * IngestEvents on one stream with encoded messages that fill the server's window. Counts acknowledgements as they
 * arrive and decodes them after each round.
 */
export async function openIngestEvents({ address, token, deployments }: LoadOptions): Promise<Load> {
  const channel = openRawChannel(address, token);
  const stream = new IngestStream(channel, deployments);
  await stream.opened;
  const ledger = new SequenceLedger();
  let settled = 0;
  return {
    round: (ms) => stream.round(ms),
    settle: () => {
      for (const frame of stream.takeFrames()) settled = noteFrame(frame, { ledger, settled, deployments });
    },
    verify: async () => [
      ...ledger.faults(),
      ...(await storedFaults({ address, token, acknowledged: ledger.counts(), readBackMax })),
    ],
    close: async () => {
      stream.close();
      channel.close();
    },
  };
}

class IngestStream {
  /** Resolves when the server has granted a window. */
  readonly opened: Promise<void>;
  readonly #template = EventTemplate.of(IngestEventsRequestSchema, { events: [eventOf(0, 0)] });
  readonly #call: ReturnType<typeof rawBidiStream>;
  readonly #deployments: number;
  /** Send times of unacknowledged messages, oldest first. */
  #sentAt: number[] = [];
  #latenciesMs: number[] = [];
  #frames: Buffer[] = [];
  #windowEvents = 0;
  #sent = 0;
  #acknowledged = 0;
  #endAt = 0;
  #wireTakes = true;
  #settle: PromiseWithResolvers<void> = Promise.withResolvers();

  constructor(channel: RawChannel, deployments: number) {
    this.#deployments = deployments;
    this.#call = rawBidiStream(channel, methodPath(ActivityEventsService.method.ingestEvents));
    this.#call.on("data", (frame: Buffer) => this.#take(frame));
    this.#call.on("error", (error) => this.#settle.reject(error));
    this.#call.on("end", () => this.#settle.reject(new Error("the server ended the stream")));
    this.opened = this.#settle.promise;
  }

  async round(ms: number): Promise<RoundOfLoad> {
    const before = this.#acknowledged;
    const begun = performance.now();
    this.#latenciesMs = [];
    this.#endAt = begun + ms;
    this.#settle = Promise.withResolvers();
    this.#send();
    await this.#settle.promise;
    const elapsedMs = performance.now() - begun;
    return { operations: this.#acknowledged - before, elapsedMs, latenciesMs: this.#latenciesMs };
  }

  takeFrames(): readonly Buffer[] {
    const frames = this.#frames;
    this.#frames = [];
    return frames;
  }

  close(): void {
    this.#call.removeAllListeners("end");
    this.#call.end();
  }

  #send(): void {
    while (
      this.#wireTakes &&
      this.#sent - this.#acknowledged + messageEvents <= this.#windowEvents &&
      performance.now() < this.#endAt
    ) {
      this.#sentAt.push(performance.now());
      this.#wireTakes = this.#call.write(this.#message());
      if (this.#wireTakes) continue;
      this.#call.once("drain", () => {
        this.#wireTakes = true;
        this.#send();
      });
    }
  }

  #message(): Buffer {
    const { size } = this.#template;
    const message = Buffer.allocUnsafe(messageEvents * size);
    for (let at = 0; at < message.length; at += size) {
      this.#sent += 1;
      this.#template.write(message, at, this.#sent % this.#deployments, this.#sent);
    }
    return message;
  }

  #take(frame: Buffer): void {
    const acknowledged = countEntries(frame);
    if (acknowledged === 0) {
      this.#open(frame);
      return;
    }
    this.#frames.push(frame);
    const now = performance.now();
    const whole = Math.floor((this.#acknowledged + acknowledged) / messageEvents);
    const done = whole - Math.floor(this.#acknowledged / messageEvents);
    for (const sentAt of this.#sentAt.splice(0, done)) this.#latenciesMs.push(now - sentAt);
    this.#acknowledged += acknowledged;
    if (now < this.#endAt) this.#send();
    else if (this.#acknowledged === this.#sent) this.#settle.resolve();
  }

  #open(bytes: Buffer): void {
    const { frame } = fromBinary(IngestEventsResponseSchema, bytes);
    if (frame.case !== "opened") throw new Error(`a frame ${frame.case} instead of acknowledgements`);
    const { windowEvents, windowBytes } = frame.value;
    this.#windowEvents = Math.min(Number(windowEvents), Math.floor(Number(windowBytes) / this.#template.size));
    if (this.#windowEvents < messageEvents) throw new Error(`a window of ${this.#windowEvents} takes no message`);
    this.#settle.resolve();
  }
}

interface Noting {
  readonly ledger: SequenceLedger;
  readonly settled: number;
  readonly deployments: number;
}

/** Records the acknowledgements of a frame; returns the last ordinal. */
function noteFrame(bytes: Buffer, { ledger, settled, deployments }: Noting): number {
  const { frame } = fromBinary(IngestEventsResponseSchema, bytes);
  let last = settled;
  for (const one of frame.case === "acknowledgements" ? frame.value.acknowledgements : []) {
    last += 1;
    if (Number(one.ordinal) !== last) ledger.fault(`event ${one.ordinal} was acknowledged in place of ${last}`);
    else if (one.status !== undefined) ledger.fault(`event ${last} was refused: ${one.status.message}`);
    else if (one.duplicate) ledger.fault(`event ${last} was acknowledged as a duplicate`);
    else if (one.eventId !== eventId(last)) ledger.fault(`event ${last} was acknowledged as ${one.eventId}`);
    else ledger.add(deploymentId(last % deployments), Number(one.sequence));
  }
  return last;
}
