import {
  StreamCaughtUpSchema,
  StreamedEventsSchema,
  StreamGoawaySchema,
  StreamHeartbeatSchema,
  StreamOpenedSchema,
} from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { type Event, EventSchema } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { create } from "@bufbuild/protobuf";
import type { EventFrame } from "../../src/follow/event-frames.ts";

/** The frames of a stream, with what a test is about. */
export const frames = {
  opened: (cursor = 0n): EventFrame => ({ case: "opened", value: create(StreamOpenedSchema, { cursor }) }),
  events: (...sequences: readonly (bigint | number)[]): EventFrame => ({
    case: "events",
    value: create(StreamedEventsSchema, { events: sequences.map(eventAt) }),
  }),
  caughtUp: (cursor: bigint, headSequence = cursor): EventFrame => ({
    case: "caughtUp",
    value: create(StreamCaughtUpSchema, { cursor, headSequence }),
  }),
  heartbeat: (cursor: bigint, headSequence = cursor): EventFrame => ({
    case: "heartbeat",
    value: create(StreamHeartbeatSchema, { cursor, headSequence }),
  }),
  goaway: (cursor: bigint, retryDelayMs = 0): EventFrame => ({
    case: "goaway",
    value: create(StreamGoawaySchema, { cursor, retryDelay: { seconds: 0n, nanos: retryDelayMs * 1_000_000 } }),
  }),
};

/** The event that has this sequence. */
export function eventAt(sequence: bigint | number): Event {
  return create(EventSchema, { eventId: `e${sequence}`, sequence: BigInt(sequence) });
}
