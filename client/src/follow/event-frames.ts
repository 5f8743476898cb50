import {
  ActivityEventsService,
  StreamEventsRequestSchema,
  type StreamEventsResponse,
  type StreamOpened,
} from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { durationMs } from "@bufbuild/protobuf/wkt";
import type { Client } from "@grpc/grpc-js";
import { serverStream } from "../calls/server-stream.ts";
import { limits } from "../limits.ts";

/** A frame of an event stream, by case: `opened`, `events`, `caughtUp`, `fellBehind`, `heartbeat`, `goaway`. */
export type EventFrame = Exclude<StreamEventsResponse["frame"], { case: undefined }>;

/** Deployment, cursor and filter of a stream. */
export type StreamRequest = MessageInitShape<typeof StreamEventsRequestSchema>;

/**
 * Reads the frames of one stream to its end. Fails with UNAVAILABLE if the stream does not open in time or is silent for
 * three heartbeat intervals.
 */
export async function* eventFrames(
  channel: Client,
  request: StreamRequest,
  signal: AbortSignal | undefined,
): AsyncGenerator<EventFrame, void, undefined> {
  let silenceMaxMs: number | "unbounded" = limits.openTimeoutMs;
  const responses = serverStream(
    channel,
    ActivityEventsService.method.streamEvents,
    create(StreamEventsRequestSchema, request),
    { silenceMaxMs: () => silenceMaxMs, signal },
  );
  for await (const { frame } of responses) {
    if (frame.case === "opened") silenceMaxMs = silenceMaxMsOf(frame.value);
    // A frame of a newer server.
    if (frame.case === undefined) continue;
    yield frame;
  }
}

function silenceMaxMsOf({ heartbeatInterval }: StreamOpened): number | "unbounded" {
  // Without follow there are no heartbeats, and a rare match in a long history may take long.
  if (heartbeatInterval === undefined) return "unbounded";
  return limits.silentIntervalsMax * durationMs(heartbeatInterval);
}
