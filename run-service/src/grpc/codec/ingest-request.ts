import { limits as storeLimits } from "@activity-events/event-store";
import { IngestEventsRequestSchema } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { WireType } from "@bufbuild/protobuf/wire";
import { limits } from "../../limits.ts";
import { Violations } from "../requests/violations.ts";
import { WireCursor } from "./wire-cursor.ts";

const eventsNumber = IngestEventsRequestSchema.field.events.number;

/** Walks the events in an encoded IngestEventsRequest. Not a list, because there may be a million empty ones. */
export class IngestMessage {
  /** Start of the current event, and the offset after its end. */
  start = 0;
  end = 0;
  readonly #cursor: WireCursor;

  /** Checks the whole message. Throws a Refusal if it is too large or empty, and an EncodingError. */
  constructor(bytes: Uint8Array) {
    const violations = new Violations();
    if (bytes.length > storeLimits.messageBytesMax) {
      violations.add(
        "events",
        `the message must be at most ${storeLimits.messageBytesMax} bytes encoded; found ${bytes.length}`,
      );
    }
    violations.throwIfAny();
    this.#cursor = new WireCursor(bytes, 0);
    let count = 0;
    while (this.next()) count += 1;
    if (count === 0) violations.add("events", "must be one or more events; found none");
    violations.throwIfAny();
    this.#cursor.at = 0;
  }

  /** Moves to the next event; returns false if there is none. */
  next(): boolean {
    const cursor = this.#cursor;
    const { length } = cursor.bytes;
    while (cursor.at < length) {
      cursor.tag(length);
      if (cursor.number !== eventsNumber) {
        cursor.skip(length, limits.nestingMax);
        continue;
      }
      if (cursor.wireType !== WireType.LengthDelimited) throw cursor.error("has events of another wire type", true);
      this.end = cursor.valueEnd(length);
      this.start = cursor.at;
      cursor.at = this.end;
      return true;
    }
    return false;
  }
}
