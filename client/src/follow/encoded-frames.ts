import {
  ActivityEventsService,
  StreamEventsRequestSchema,
  StreamEventsResponseSchema,
  StreamedEventsSchema,
} from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { create, fromBinary } from "@bufbuild/protobuf";
import { BinaryReader } from "@bufbuild/protobuf/wire";
import { decodedStream } from "../calls/server-stream.ts";
import type { StreamChannel } from "../calls/stream-channel.ts";
import { streamFrames } from "../calls/stream-frames.ts";
import type { EventFrame, StreamRequest } from "./event-frames.ts";

/** A frame of an event stream as in `EventFrame`, but with events as the service sent them: encoded `Event` messages. */
export type EncodedFrame =
  | Exclude<EventFrame, { case: "events" }>
  | { readonly case: "events"; readonly value: { readonly encoded: readonly Uint8Array[] } };

/** Reads one stream as `eventFrames` does, and leaves its events encoded. */
export function encodedFrames(
  channels: StreamChannel,
  request: StreamRequest,
  signal: AbortSignal | undefined,
): AsyncGenerator<EncodedFrame, void, undefined> {
  return streamFrames<EncodedFrame>((silenceMaxMs) => {
    const channel = channels.current;
    return decodedStream({
      channel,
      method: ActivityEventsService.method.streamEvents,
      request: create(StreamEventsRequestSchema, request),
      options: { silenceMaxMs, signal, onSilent: () => channels.leave(channel) },
      decode: decodeFrame,
    });
  });
}

const eventsFrame = StreamEventsResponseSchema.field.events.number;
const events = StreamedEventsSchema.field.events.number;

/** Decodes a message of the stream. Throws if the bytes are none. */
export function decodeFrame(bytes: Uint8Array): { readonly frame: EncodedFrame | { readonly case: undefined } } {
  const parts = partsOf(bytes, eventsFrame);
  if (parts.length > 0) {
    const encoded = parts.flatMap((part) => partsOf(part, events));
    return { frame: { case: "events", value: { encoded } } };
  }
  const { frame } = fromBinary(StreamEventsResponseSchema, bytes);
  return { frame: frame as Exclude<typeof frame, { case: "events" }> };
}

/** The values of a field that holds messages. */
function partsOf(bytes: Uint8Array, field: number): Uint8Array[] {
  const reader = new BinaryReader(bytes);
  const parts: Uint8Array[] = [];
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag();
    if (number === field) parts.push(reader.bytes());
    else reader.skip(wireType, number);
  }
  return parts;
}
