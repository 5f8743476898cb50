// caught by: event-store-stands-alone, contract-at-the-edges
import type { Event } from "@activity-events/proto/v1/event_pb.js";

export type Wire = Event;
