import {
  type IngestAcknowledgement,
  type IngestEventsResponse,
  IngestEventsResponseSchema,
} from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { fromBinary } from "@bufbuild/protobuf";

/** Outcome of one event, as the server reports it. */
export type Acknowledgement = IngestAcknowledgement;
/** One frame of a stream of acknowledgements. */
export type IngestFrame = IngestEventsResponse["frame"];

/** Decodes a frame; throws what the library throws of bytes that are none. */
export function decodeIngestFrame(bytes: Uint8Array): IngestFrame {
  return fromBinary(IngestEventsResponseSchema, bytes).frame;
}
