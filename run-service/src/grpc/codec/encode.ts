import type { Appended, Deployment, DeploymentId, HistoryHash, StoredEvent } from "@activity-events/event-store";
import { RedactEventResponseSchema } from "@activity-events/proto/activityevents/v1/activity_events_admin_service_pb.js";
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
import { create, toBinary } from "@bufbuild/protobuf";
import { type Duration, DurationSchema, type Timestamp } from "@bufbuild/protobuf/wkt";
import type { RedactedEvent } from "../../application/deployment-editor.ts";
import type { StreamFrame } from "../../application/event-stream.ts";
import type { IngestFrame, IngestOutcome } from "../../application/ingest-stream.ts";
import { wireOutcome, wireStanding, wireState } from "./enums.ts";
import { decodeStamp } from "./event-codec.ts";
import { assertReadable } from "./readable-store.ts";
import { durationOfMs, durationOfNanoseconds, nanosecondsOf, timestampOf } from "./times.ts";
import { WireWriter } from "./wire-writer.ts";
import { writeEvent, writeTime } from "./write-event.ts";

export function encodeCreateEventResponse(deploymentId: DeploymentId, appended: Appended): Uint8Array {
  const writer = new WireWriter();
  writeResult(writer, deploymentId, appended);
  return writer.finish();
}

export function encodeBatchCreateEventsResponse(deploymentId: DeploymentId, results: readonly Appended[]): Uint8Array {
  const writer = new WireWriter();
  for (const appended of results) {
    const { number } = BatchCreateEventsResponseSchema.field.results;
    writer.message(number, () => writeResult(writer, deploymentId, appended));
  }
  return writer.finish();
}

const result = CreateEventResponseSchema.field;

function writeResult(writer: WireWriter, deploymentId: DeploymentId, { event, duplicate }: Appended): void {
  if (duplicate) assertReadable(deploymentId, event);
  writeEvent(writer, result.event.number, deploymentId, event);
  if (duplicate) writer.number(result.duplicate.number, 1);
  const transitTime = transitTimeOf(event);
  if (transitTime !== undefined) writer.bytes(result.transitTime.number, toBinary(DurationSchema, transitTime));
}

function transitTimeOf({ stamp, receiveTimeUs }: StoredEvent): Duration | undefined {
  const { sendTime } = decodeStamp(stamp);
  if (sendTime === undefined) return undefined;
  return durationOfNanoseconds(BigInt(receiveTimeUs) * 1_000n - nanosecondsOf(sendTime));
}

export function encodeGetEventResponse(deploymentId: DeploymentId, stored: StoredEvent): Uint8Array {
  const writer = new WireWriter();
  writeEvent(writer, GetEventResponseSchema.field.event.number, deploymentId, stored);
  return writer.finish();
}

export function encodeRedactEventResponse(
  deploymentId: DeploymentId,
  { event, emptiedFields, notice }: RedactedEvent,
): Uint8Array {
  const { field } = RedactEventResponseSchema;
  const writer = new WireWriter();
  writeEvent(writer, field.event.number, deploymentId, event);
  for (const name of emptiedFields) writer.ascii(field.emptiedFields.number, name);
  if (notice !== undefined) writeEvent(writer, field.notice.number, deploymentId, notice);
  return writer.finish();
}

export function encodeListEventsResponse(
  deploymentId: DeploymentId,
  page: { readonly events: readonly StoredEvent[]; readonly nextPageToken: string },
): Uint8Array {
  const { events, nextPageToken } = page;
  const { field } = ListEventsResponseSchema;
  const writer = new WireWriter();
  for (const stored of events) writeEvent(writer, field.events.number, deploymentId, stored);
  if (nextPageToken !== "") writer.ascii(field.nextPageToken.number, nextPageToken);
  return writer.finish();
}

export function encodeStreamEventsResponse(deploymentId: DeploymentId, frame: StreamFrame): Uint8Array {
  if (frame.kind === "page") return frame.encoded;
  if (frame.kind === "events") return encodeStreamedEvents(deploymentId, frame.events);
  return toBinary(StreamEventsResponseSchema, plainFrame(frame));
}

/** Encodes a StreamEventsResponse with these events. */
export function encodeStreamedEvents(deploymentId: DeploymentId, events: readonly StoredEvent[]): Uint8Array {
  const writer = new WireWriter();
  writer.message(StreamEventsResponseSchema.field.events.number, () => {
    const { number } = StreamedEventsSchema.field.events;
    for (const stored of events) writeEvent(writer, number, deploymentId, stored);
  });
  return writer.finish();
}

export const goawayReasonOf = {
  max_age: GoawayReason.MAX_AGE,
  draining: GoawayReason.DRAINING,
  credentials: GoawayReason.CREDENTIALS,
} as const;

function plainFrame(frame: Exclude<StreamFrame, { kind: "events" | "page" }>) {
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
      const value = { cursor, headSequence: BigInt(frame.headSequence), ...wireHistoryHash(frame.historyHash) };
      const name = { caught_up: "caughtUp", fell_behind: "fellBehind", heartbeat: "heartbeat" } as const;
      return create(StreamEventsResponseSchema, { frame: { case: name[frame.kind], value } });
    }
  }
}

export function encodeIngestEventsResponse(frame: IngestFrame): Uint8Array {
  if (frame.kind !== "acknowledgements") return toBinary(IngestEventsResponseSchema, plainIngestFrame(frame));
  const { firstOrdinal, outcomes } = frame;
  const writer = new WireWriter();
  writer.message(IngestEventsResponseSchema.field.acknowledgements.number, () => {
    const { number } = IngestAcknowledgementsSchema.field.acknowledgements;
    for (const [index, outcome] of outcomes.entries()) {
      writer.message(number, () => writeAcknowledgement(writer, firstOrdinal + index, outcome));
    }
  });
  return writer.finish();
}

const acknowledgement = IngestAcknowledgementSchema.field;

function writeAcknowledgement(writer: WireWriter, ordinal: number, outcome: IngestOutcome): void {
  const { eventId, deploymentId } = outcome.names;
  writer.number(acknowledgement.ordinal.number, ordinal);
  if (outcome.kind === "refused") {
    writer.bytes(acknowledgement.status.number, outcome.refusal);
    // Ids as sent, which may be non-ASCII.
    if (eventId !== "") writer.bytes(acknowledgement.eventId.number, Buffer.from(eventId));
    if (deploymentId !== "") writer.bytes(acknowledgement.deploymentId.number, Buffer.from(deploymentId));
    return;
  }
  const { sequence, receiveTimeUs, duplicate } = outcome;
  writer.ascii(acknowledgement.eventId.number, eventId);
  writer.number(acknowledgement.sequence.number, sequence);
  if (duplicate) writer.number(acknowledgement.duplicate.number, 1);
  writeTime(writer, acknowledgement.receiveTime.number, receiveTimeUs);
  writer.ascii(acknowledgement.deploymentId.number, deploymentId);
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

/** Converts a head to the contract's message, with its standing: for admins. */
export function wireDeploymentWithStanding(head: Deployment): WireDeployment {
  return Object.assign(wireDeployment(head), { standing: wireStanding[head.standing] });
}

/** Converts a head to the contract's message. */
export function wireDeployment(head: Deployment): WireDeployment {
  const { deploymentId, environment, service, revision, actor, commit, url } = head;
  return create(DeploymentSchema, {
    deploymentId,
    environment,
    service,
    revision,
    headSequence: BigInt(head.headSequence),
    edits: BigInt(head.edits),
    state: wireState[head.state],
    outcome: wireOutcome[head.outcome],
    createTime: timestampOf(head.createTimeUs),
    updateTime: timestampOf(head.updateTimeUs),
    actor,
    commit,
    url,
    ...wireTime("commitTime", head.commitTimeUs),
    ...wireTime("startTime", head.startTimeUs),
    ...wireTime("finishTime", head.finishTimeUs),
    ...wireTime("failureTime", head.failureTimeUs),
    ...wireTime("incidentTime", head.incidentTimeUs),
    ...wireTime("recoverTime", head.recoverTimeUs),
    ...wireTime("removeTime", head.removeTimeUs),
    ...wireHistoryHash(head.historyHash),
    ...(head.historyHash === undefined ? {} : { historyHashFrom: BigInt(head.historyHash.from) }),
  });
}

function wireTime<Field extends string>(field: Field, timeUs: number | undefined): { [F in Field]?: Timestamp } {
  return timeUs === undefined ? {} : ({ [field]: timestampOf(timeUs) } as { [F in Field]: Timestamp });
}

function wireHistoryHash(historyHash: HistoryHash | undefined) {
  if (historyHash === undefined) return {};
  const { hash, sequence } = historyHash;
  return { historyHash: new Uint8Array(hash), historyHashSequence: BigInt(sequence) };
}
