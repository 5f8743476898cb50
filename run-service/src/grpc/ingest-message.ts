import { limits } from "@activity-events/event-store";
import { IngestEventsRequestSchema } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { Violations } from "./violations.ts";

const eventsNumber = IngestEventsRequestSchema.field.events.number;

/** Where the events of an encoded IngestEventsRequest are, one after the other: no list, since there may be a million empty ones. */
export class IngestMessage {
  /** Of the event at hand: its first byte, and the one behind its last. */
  start = 0;
  end = 0;
  readonly #reader: BinaryReader;

  /** Looks through the whole message. Throws a Refusal for one that is too large or empty, and what the decoder says. */
  constructor(bytes: Uint8Array) {
    const violations = new Violations();
    if (bytes.length > limits.messageBytesMax) {
      violations.add(
        "events",
        `the message must be at most ${limits.messageBytesMax} bytes encoded; found ${bytes.length}`,
      );
    }
    violations.throwIfAny();
    this.#reader = new BinaryReader(bytes);
    let count = 0;
    while (this.next()) count += 1;
    if (count === 0) violations.add("events", "must be one or more events; found none");
    violations.throwIfAny();
    this.#reader.pos = 0;
  }

  /** Goes to the next event; false: there is none. */
  next(): boolean {
    const reader = this.#reader;
    while (reader.pos < reader.len) {
      const [number, wireType] = reader.tag();
      if (number !== eventsNumber || wireType !== WireType.LengthDelimited) {
        reader.skip(wireType, number);
        continue;
      }
      const length = reader.uint32();
      this.start = reader.pos;
      this.end = reader.pos + length;
      if (this.end > reader.len) throw new RangeError("premature EOF");
      reader.pos = this.end;
      return true;
    }
    return false;
  }
}
