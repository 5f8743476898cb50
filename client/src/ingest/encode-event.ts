import { IngestEventsRequestSchema } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { type Event, EventSchema } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { create, type DescField, ScalarType, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { limits } from "../limits.ts";

/** Writes one field of an event where it is set; returns false where this takes the library. */
type WriteField = (event: Event) => boolean;

// As the contract has them, so that none is ever left out.
const writeFields: readonly WriteField[] = [...EventSchema.fields]
  .sort((one, other) => one.number - other.number)
  .map(writeField);

// One for all events: the library makes and grows a buffer for each, which costs more than to fill it.
let writer = new BinaryWriter();

/** Encodes a message of IngestEvents with this event alone, as the library does; throws what it throws. */
export function encodeEvent(event: Event): Uint8Array {
  try {
    writer.tag(IngestEventsRequestSchema.field.events.number, WireType.LengthDelimited).fork();
    if (event.$unknown === undefined && writeFields.every((write) => write(event))) {
      const bytes = writer.join().finish();
      if (bytes.length > limits.ingestWriterBytes) writer = new BinaryWriter();
      return bytes;
    }
  } catch {
    // The library says what is wrong.
  }
  writer = new BinaryWriter();
  return toBinary(IngestEventsRequestSchema, create(IngestEventsRequestSchema, { events: [event] }));
}

function writeField(field: DescField): WriteField {
  const { number, fieldKind } = field;
  const name = field.localName as keyof Event;
  if (fieldKind === "scalar" && field.scalar === ScalarType.STRING && field.oneof === undefined) {
    return (event) => {
      const text = event[name];
      if (typeof text !== "string") return false;
      if (text !== "") writer.tag(number, WireType.LengthDelimited).string(text);
      return true;
    };
  }
  if (fieldKind === "enum") {
    return (event) => {
      const value = event[name];
      if (typeof value !== "number") return false;
      if (value !== 0) writer.tag(number, WireType.Varint).int32(value);
      return true;
    };
  }
  if (fieldKind === "message") {
    const { message } = field;
    return (event) => {
      const value = event[name];
      if (value !== undefined) writer.tag(number, WireType.LengthDelimited).bytes(toBinary(message, value as never));
      return true;
    };
  }
  if (fieldKind === "map" && field.mapKey === ScalarType.STRING && field.scalar === ScalarType.STRING) {
    return (event) => {
      for (const [key, value] of Object.entries(event[name] ?? {})) {
        if (typeof value !== "string") return false;
        writer.tag(number, WireType.LengthDelimited).fork();
        writer.tag(1, WireType.LengthDelimited).string(key);
        writer.tag(2, WireType.LengthDelimited).string(value).join();
      }
      return true;
    };
  }
  if (fieldKind === "scalar" && field.scalar === ScalarType.BYTES) {
    return (event) => {
      const bytes = event[name];
      if (!(bytes instanceof Uint8Array)) return false;
      if (bytes.length > 0) writer.tag(number, WireType.LengthDelimited).bytes(bytes);
      return true;
    };
  }
  return (event) => event[name] === 0n;
}
