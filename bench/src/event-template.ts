import { EventSchema } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { create, type DescMessage, type MessageInitShape, toBinary } from "@bufbuild/protobuf";

const deploymentDigits = 6;
const eventDigits = 12;
const deploymentPrefix = "deployment-";
const eventPrefix = "0192f3a4-bench-of-events-"; // As long, with its number, as the UUIDs of our client library.

/** Returns the id of a deployment of the bench. */
export function deploymentId(number: number): string {
  return `${deploymentPrefix}${`${number}`.padStart(deploymentDigits, "0")}`;
}

/** Returns the id of an event of the bench, unique per number. */
export function eventId(number: number): string {
  return `${eventPrefix}${`${number}`.padStart(eventDigits, "0")}`;
}

/** Makes an event of the usual size: about 120 bytes encoded. */
export function eventOf(deployment: number, number: number): MessageInitShape<typeof EventSchema> {
  return {
    deploymentId: deploymentId(deployment),
    eventId: eventId(number),
    message: "step 3 of 7: the image is built, signed, scanned and pushed.",
  };
}

/**
 * Encoded messages with one event that differ only in its ids. It writes the ids into the bytes of the first message,
 * so that the load itself costs little.
 */
export class EventTemplate {
  readonly #bytes: Buffer;
  readonly #deploymentAt: number;
  readonly #eventAt: number;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes);
    this.#deploymentAt = this.#bytes.indexOf(deploymentId(0)) + deploymentPrefix.length;
    this.#eventAt = this.#bytes.indexOf(eventId(0)) + eventPrefix.length;
  }

  /** Template of an event. */
  static ofEvent(): EventTemplate {
    return new EventTemplate(toBinary(EventSchema, create(EventSchema, eventOf(0, 0))));
  }

  /** Template of a message that contains an event. */
  static of<Desc extends DescMessage>(schema: Desc, init: MessageInitShape<Desc>): EventTemplate {
    return new EventTemplate(toBinary(schema, create(schema, init)));
  }

  get size(): number {
    return this.#bytes.length;
  }

  make(deployment: number, number: number): Buffer {
    const bytes = Buffer.allocUnsafe(this.size);
    this.write(bytes, 0, deployment, number);
    return bytes;
  }

  write(target: Buffer, at: number, deployment: number, number: number): void {
    this.#bytes.copy(target, at);
    writeDigits(target, at + this.#deploymentAt, deploymentDigits, deployment);
    writeDigits(target, at + this.#eventAt, eventDigits, number);
  }
}

function writeDigits(target: Buffer, at: number, digits: number, number: number): void {
  let rest = number;
  for (let place = at + digits - 1; place >= at; place -= 1) {
    const higher = Math.floor(rest / 10);
    target[place] = 48 + rest - higher * 10;
    rest = higher;
  }
}
