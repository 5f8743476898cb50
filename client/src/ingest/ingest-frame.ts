import {
  type IngestAcknowledgement,
  type IngestEventsResponse,
  IngestEventsResponseSchema,
} from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { fromBinary } from "@bufbuild/protobuf";

/** The server's outcome of one event. */
export type Acknowledgement = IngestAcknowledgement;
/** A frame of a stream of acknowledgements. */
export type IngestFrame = IngestEventsResponse["frame"];

/** Decodes a frame. Throws the library's error if the bytes are not a frame. */
export function decodeIngestFrame(bytes: Uint8Array): IngestFrame {
  return fromBinary(IngestEventsResponseSchema, bytes).frame;
}
