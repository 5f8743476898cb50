import {
  ActivityEventsService,
  type IngestAcknowledgement,
  type IngestEventsResponse,
} from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import type { Status } from "@activity-events/proto/google/rpc/status_pb.js";
import { StatusSchema } from "@activity-events/proto/google/rpc/status_pb.js";
import type { MessageExchange } from "@activity-events/testing/message-exchange";
import { toBinary } from "@bufbuild/protobuf";
import { Metadata } from "@grpc/grpc-js";
import { readRefusal, type WireRefusal } from "./read-refusal.ts";

const { ingestEvents } = ActivityEventsService.method;

export type IngestExchange = MessageExchange<typeof ingestEvents>;

/** The acknowledgements of a stream up to this ordinal. */
export async function acknowledgementsTo(stream: IngestExchange, ordinal: number): Promise<IngestAcknowledgement[]> {
  const frames = await stream.until((frame) => acknowledgementsOf(frame).at(-1)?.ordinal === BigInt(ordinal));
  return frames.flatMap(acknowledgementsOf);
}

/** All acknowledgements of a stream to its end. */
export async function allAcknowledgements(stream: IngestExchange): Promise<IngestAcknowledgement[]> {
  return (await stream.rest()).flatMap(acknowledgementsOf);
}

export function acknowledgementsOf({ frame }: IngestEventsResponse): readonly IngestAcknowledgement[] {
  return frame.case === "acknowledgements" ? frame.value.acknowledgements : [];
}

/** The refusal within an acknowledgement. */
export function refusalIn({ status }: IngestAcknowledgement): WireRefusal {
  if (status === undefined) throw new Error("the event was not refused");
  return readRefusal(serviceErrorOf(status));
}

function serviceErrorOf(status: Status) {
  const metadata = new Metadata();
  metadata.set("grpc-status-details-bin", Buffer.from(toBinary(StatusSchema, status)));
  return { code: status.code, details: status.message, metadata };
}
