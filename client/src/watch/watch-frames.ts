import {
  ActivityEventsService,
  WatchDeploymentsRequestSchema,
  type WatchDeploymentsResponse,
} from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { serverStream } from "../calls/server-stream.ts";
import type { StreamChannel } from "../calls/stream-channel.ts";
import { streamFrames } from "../calls/stream-frames.ts";

/**
 * A frame of a watch, by case: `opened`, `deployments`, `damaged`, `caughtUp`, `left`, `fellBehind`, `heartbeat`,
 * `goaway`.
 */
export type WatchFrame = Exclude<WatchDeploymentsResponse["frame"], { case: undefined }>;

/** Filter and earliest create time of a watch. */
export type WatchRequest = MessageInitShape<typeof WatchDeploymentsRequestSchema>;

/**
 * Reads the frames of one watch to its end. Fails with UNAVAILABLE if it does not open in time or is silent for three
 * heartbeat intervals.
 */
export function watchFrames(
  channels: StreamChannel,
  request: WatchRequest,
  signal: AbortSignal | undefined,
): AsyncGenerator<WatchFrame, void, undefined> {
  const asked = create(WatchDeploymentsRequestSchema, request);
  const { watchDeployments } = ActivityEventsService.method;
  return streamFrames<WatchFrame>((silenceMaxMs) => {
    const channel = channels.current;
    return serverStream(channel, watchDeployments, asked, {
      silenceMaxMs,
      signal,
      onSilent: () => channels.leave(channel),
    });
  });
}
