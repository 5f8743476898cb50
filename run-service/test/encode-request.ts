import {
  BatchCreateEventsRequestSchema,
  CreateEventRequestSchema,
} from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { EventSchema } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { create, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import type { EventInit } from "./new-event.ts";

/** An event as it goes over the wire, with more bytes behind it: fields that the generated code does not know, or rubbish. */
export function encodeEvent(event: EventInit, more: Uint8Array = new Uint8Array()): Uint8Array {
  return Buffer.concat([toBinary(EventSchema, create(EventSchema, event)), more]);
}

/** A CreateEventRequest around an encoded event. */
export function encodeCreateEventRequest(event: Uint8Array): Uint8Array {
  const { number } = CreateEventRequestSchema.field.event;
  return new BinaryWriter().tag(number, WireType.LengthDelimited).bytes(event).finish();
}

/** A BatchCreateEventsRequest around encoded events, with more bytes behind them. */
export function encodeBatchCreateEventsRequest(
  deploymentId: string,
  events: readonly Uint8Array[],
  more: Uint8Array = new Uint8Array(),
): Uint8Array {
  const { field } = BatchCreateEventsRequestSchema;
  const writer = new BinaryWriter().tag(field.deploymentId.number, WireType.LengthDelimited).string(deploymentId);
  for (const event of events) writer.tag(field.events.number, WireType.LengthDelimited).bytes(event);
  return writer.raw(more).finish();
}

/** A length-delimited field that no version of the contract knows. */
export function unknownField(number: number, text: string): Uint8Array {
  return bytesField(number, Buffer.from(text));
}

/** A length-delimited field. */
export function bytesField(number: number, bytes: Uint8Array): Uint8Array {
  return new BinaryWriter().tag(number, WireType.LengthDelimited).bytes(bytes).finish();
}
