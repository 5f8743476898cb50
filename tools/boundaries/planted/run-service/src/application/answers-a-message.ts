// caught by: contract-at-the-edges
import type { Event } from "@activity-events/proto/v1/event_pb.js";

export type Answer = Event;
