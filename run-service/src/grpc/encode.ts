import type { Appended, Deployment, DeploymentId, StoredEvent } from "@activity-events/event-store";
import {
  BatchCreateEventsResponseSchema,
  CreateEventResponseSchema,
  GetEventResponseSchema,
  GoawayReason,
  IngestAcknowledgementSchema,
  IngestAcknowledgementsSchema,
  IngestEventsResponseSchema,
  ListEventsResponseSchema,
  StreamEventsResponseSchema,
  StreamedEventsSchema,
} from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import {
  DeploymentSchema,
  type Deployment as WireDeployment,
} from "@activity-events/proto/activityevents/v1/deployment_pb.js";
import { EventSchema } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import type { IngestFrame, IngestOutcome } from "../application/open-ingest.ts";
import type { StreamFrame } from "../application/open-stream.ts";
import { wireOutcome, wireState } from "./enums.ts";
import { decodeSendTime } from "./event-codec.ts";
import { durationOfMs, durationOfNanoseconds, nanosecondsOf, timestampOf } from "./times.ts";

// Events go out as they are stored: their encoded content with the server's own fields behind it, which is an encoded
// Event, since the fields of a message may come in any order. So no event is decoded to be read.

const event = EventSchema.field;

/** Writes a stored event as the field of this number. */
function writeEvent(writer: BinaryWriter, number: number, deploymentId: DeploymentId, stored: StoredEvent): void {
  const { eventId, sequence, receiveTimeUs, content, stamp } = stored;
  writer.tag(number, WireType.LengthDelimited).fork().raw(content).raw(stamp);
  writer.tag(event.name.number, WireType.LengthDelimited).string(`deployments/${deploymentId}/events/${eventId}`);
  writer.tag(event.eventId.number, WireType.LengthDelimited).string(eventId);
  writer.tag(event.deploymentId.number, WireType.LengthDelimited).string(deploymentId);
  writer.tag(event.sequence.number, WireType.Varint).int64(sequence);
  writeTime(writer, event.receiveTime.number, receiveTimeUs);
  writer.join();
}

/** Writes microseconds since 1970 as the Timestamp of this number. */
function writeTime(writer: BinaryWriter, number: number, timeUs: number): void {
  const seconds = Math.floor(timeUs / 1_000_000);
  writer.tag(number, WireType.LengthDelimited).fork();
  writer.tag(1, WireType.Varint).int64(seconds);
  writer.tag(2, WireType.Varint).int32((timeUs - seconds * 1_000_000) * 1_000);
  writer.join();
}

export function encodeCreateEventResponse(deploymentId: DeploymentId, appended: Appended): Uint8Array {
  const writer = new BinaryWriter();
  writeResult(writer, deploymentId, appended);
  return writer.finish();
}

export function encodeBatchCreateEventsResponse(deploymentId: DeploymentId, results: readonly Appended[]): Uint8Array {
  const writer = new BinaryWriter();
  for (const appended of results) {
    writer.tag(BatchCreateEventsResponseSchema.field.results.number, WireType.LengthDelimited).fork();
    writeResult(writer, deploymentId, appended);
    writer.join();
  }
  return writer.finish();
}

function writeResult(writer: BinaryWriter, deploymentId: DeploymentId, { event: stored, duplicate }: Appended): void {
  writeEvent(writer, CreateEventResponseSchema.field.event.number, deploymentId, stored);
  const transitTime = transitTimeOf(stored);
  writer.raw(toBinary(CreateEventResponseSchema, create(CreateEventResponseSchema, { duplicate, ...transitTime })));
}

function transitTimeOf({
  stamp,
  receiveTimeUs,
}: StoredEvent): Pick<MessageInitShape<typeof CreateEventResponseSchema>, "transitTime"> {
  const sendTime = stamp.length === 0 ? undefined : decodeSendTime(stamp);
  if (sendTime === undefined) return {};
  return { transitTime: durationOfNanoseconds(BigInt(receiveTimeUs) * 1_000n - nanosecondsOf(sendTime)) };
}

export function encodeGetEventResponse(deploymentId: DeploymentId, stored: StoredEvent): Uint8Array {
  const writer = new BinaryWriter();
  writeEvent(writer, GetEventResponseSchema.field.event.number, deploymentId, stored);
  return writer.finish();
}

export function encodeListEventsResponse(
  deploymentId: DeploymentId,
  page: { readonly events: readonly StoredEvent[]; readonly nextPageToken: string },
): Uint8Array {
  const { events, nextPageToken } = page;
  const writer = new BinaryWriter();
  for (const stored of events) writeEvent(writer, ListEventsResponseSchema.field.events.number, deploymentId, stored);
  writer.raw(toBinary(ListEventsResponseSchema, create(ListEventsResponseSchema, { nextPageToken })));
  return writer.finish();
}

export function encodeStreamEventsResponse(deploymentId: DeploymentId, frame: StreamFrame): Uint8Array {
  if (frame.kind !== "events") return toBinary(StreamEventsResponseSchema, plainFrame(frame));
  const writer = new BinaryWriter();
  writer.tag(StreamEventsResponseSchema.field.events.number, WireType.LengthDelimited).fork();
  for (const stored of frame.events) writeEvent(writer, StreamedEventsSchema.field.events.number, deploymentId, stored);
  return writer.join().finish();
}

const goawayReasonOf = { max_age: GoawayReason.MAX_AGE, draining: GoawayReason.DRAINING } as const;

function plainFrame(frame: Exclude<StreamFrame, { kind: "events" }>) {
  const cursor = BigInt(frame.cursor);
  switch (frame.kind) {
    case "opened": {
      const { heartbeatIntervalMs: ms } = frame;
      const value = ms === undefined ? { cursor } : { cursor, heartbeatInterval: durationOfMs(ms) };
      return create(StreamEventsResponseSchema, { frame: { case: "opened", value } });
    }
    case "goaway": {
      const value = { reason: goawayReasonOf[frame.reason], cursor, retryDelay: durationOfMs(frame.retryDelayMs) };
      return create(StreamEventsResponseSchema, { frame: { case: "goaway", value } });
    }
    default: {
      const value = { cursor, headSequence: BigInt(frame.headSequence) };
      const name = { caught_up: "caughtUp", fell_behind: "fellBehind", heartbeat: "heartbeat" } as const;
      return create(StreamEventsResponseSchema, { frame: { case: name[frame.kind], value } });
    }
  }
}

export function encodeIngestEventsResponse(frame: IngestFrame): Uint8Array {
  if (frame.kind !== "acknowledgements") return toBinary(IngestEventsResponseSchema, plainIngestFrame(frame));
  const writer = new BinaryWriter();
  writer.tag(IngestEventsResponseSchema.field.acknowledgements.number, WireType.LengthDelimited).fork();
  for (const [index, outcome] of frame.outcomes.entries()) {
    writer.tag(IngestAcknowledgementsSchema.field.acknowledgements.number, WireType.LengthDelimited).fork();
    writeAcknowledgement(writer, frame.firstOrdinal + index, outcome);
    writer.join();
  }
  return writer.join().finish();
}

const acknowledgement = IngestAcknowledgementSchema.field;

function writeAcknowledgement(writer: BinaryWriter, ordinal: number, outcome: IngestOutcome): void {
  writer.tag(acknowledgement.ordinal.number, WireType.Varint).int64(ordinal);
  if (outcome.kind === "refused") {
    writer.tag(acknowledgement.status.number, WireType.LengthDelimited).bytes(outcome.refusal);
    return;
  }
  const { event: stored, duplicate } = outcome.appended;
  writer.tag(acknowledgement.eventId.number, WireType.LengthDelimited).string(stored.eventId);
  writer.tag(acknowledgement.sequence.number, WireType.Varint).int64(stored.sequence);
  if (duplicate) writer.tag(acknowledgement.duplicate.number, WireType.Varint).bool(true);
  writeTime(writer, acknowledgement.receiveTime.number, stored.receiveTimeUs);
}

function plainIngestFrame(frame: Exclude<IngestFrame, { kind: "acknowledgements" }>) {
  if (frame.kind === "opened") {
    const value = { windowEvents: BigInt(frame.windowEvents), windowBytes: BigInt(frame.windowBytes) };
    return create(IngestEventsResponseSchema, { frame: { case: "opened", value } });
  }
  const { lastOrdinal, retryDelayMs } = frame;
  const value = {
    reason: goawayReasonOf[frame.reason],
    lastOrdinal: BigInt(lastOrdinal),
    retryDelay: durationOfMs(retryDelayMs),
  };
  return create(IngestEventsResponseSchema, { frame: { case: "goaway", value } });
}

/** A head in the form of the contract. */
export function wireDeployment(head: Deployment): WireDeployment {
  const { deploymentId, environment, service, revision } = head;
  return create(DeploymentSchema, {
    deploymentId,
    environment,
    service,
    revision,
    headSequence: BigInt(head.headSequence),
    state: wireState[head.state],
    outcome: wireOutcome[head.outcome],
    createTime: timestampOf(head.createTimeUs),
    updateTime: timestampOf(head.updateTimeUs),
    ...(head.startTimeUs === undefined ? {} : { startTime: timestampOf(head.startTimeUs) }),
    ...(head.finishTimeUs === undefined ? {} : { finishTime: timestampOf(head.finishTimeUs) }),
  });
}
