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

/** One frame of a stream of events, by its case: `opened`, `events`, `caughtUp`, `fellBehind`, `heartbeat`, `goaway`. */
export type EventFrame = Exclude<StreamEventsResponse["frame"], { case: undefined }>;

/** Which events a stream brings. */
export type StreamRequest = MessageInitShape<typeof StreamEventsRequestSchema>;

/**
 * Reads the frames of one stream to its end. A stream that does not open in time, or stays silent for three of its
 * heartbeat intervals, fails with UNAVAILABLE.
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
    // A frame that a newer server sends and this version does not know.
    if (frame.case === undefined) continue;
    yield frame;
  }
}

function silenceMaxMsOf({ heartbeatInterval }: StreamOpened): number | "unbounded" {
  // A stream that does not follow has no heartbeats: a rare match in a long history may take its time.
  if (heartbeatInterval === undefined) return "unbounded";
  return limits.silentIntervalsMax * durationMs(heartbeatInterval);
}
