import {
  ActivityEventsService,
  StreamEventsRequestSchema,
  type StreamEventsResponse,
} from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { serverStream } from "../calls/server-stream.ts";
import type { StreamChannel } from "../calls/stream-channel.ts";
import { streamFrames } from "../calls/stream-frames.ts";

/** A frame of an event stream, by case: `opened`, `events`, `caughtUp`, `fellBehind`, `heartbeat`, `goaway`. */
export type EventFrame = Exclude<StreamEventsResponse["frame"], { case: undefined }>;

/** Deployment, cursor and filter of a stream. */
export type StreamRequest = MessageInitShape<typeof StreamEventsRequestSchema>;

/**
 * Reads the frames of one stream to its end. Fails with UNAVAILABLE if the stream does not open in time or is silent for
 * three heartbeat intervals.
 */
export function eventFrames(
  channels: StreamChannel,
  request: StreamRequest,
  signal: AbortSignal | undefined,
): AsyncGenerator<EventFrame, void, undefined> {
  const asked = create(StreamEventsRequestSchema, request);
  const { streamEvents } = ActivityEventsService.method;
  return streamFrames<EventFrame>((silenceMaxMs) => {
    const channel = channels.current;
    return serverStream(channel, streamEvents, asked, {
      silenceMaxMs,
      signal,
      onSilent: () => channels.leave(channel),
    });
  });
}
