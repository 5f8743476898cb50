import { type Append, type DeploymentId, limits } from "@activity-events/event-store";
import { ActivityEventsService } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { EventSchema } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { methodPath } from "@activity-events/proto/service-definition";
import { fromBinary } from "@bufbuild/protobuf";
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import type { EventIngester } from "../application/event-ingester.ts";
import type { OpenIngest } from "../application/open-ingest.ts";
import { Refusal } from "../application/refusal.ts";
import { refusalOf } from "../application/refuse.ts";
import type { Clock } from "../clock.ts";
import type { Call } from "./calls.ts";
import { encodeIngestEventsResponse } from "./encode.ts";
import { toNewEvent, validateDeploymentId, validateEvent } from "./parse-event.ts";
import { readPlainAppend } from "./read-plain-append.ts";
import type { RequestMessages } from "./request-messages.ts";
import { encodeStatus } from "./status.ts";
import { Violations } from "./violations.ts";

interface IngestEventsOptions {
  readonly ingester: EventIngester;
  readonly clock: Clock;
}

const method = ActivityEventsService.method.ingestEvents;
const eventsNumber = method.input.field.events.number;

/** The acknowledgements of a stream of events, while its messages are taken as the window allows. */
export async function* ingestEvents(requests: RequestMessages, call: Call, { ingester, clock }: IngestEventsOptions) {
  const { deadlineMs: callerDeadlineMs, signal } = call;
  const ingest = ingester.open({ callerDeadlineMs, signal, encodeRefusal: encodeStatus });
  try {
    takeMessages(requests, ingest, clock).catch((error) => ingest.finish(refusalOf(error)));
    for await (const frame of ingest.frames()) yield encodeIngestEventsResponse(frame);
  } finally {
    ingester.close();
    call.count({ ...ingest.counts });
  }
}

async function takeMessages(requests: RequestMessages, ingest: OpenIngest, clock: Clock): Promise<void> {
  while (await ingest.room()) {
    const message = await requests.next();
    if (message === undefined) {
      ingest.finish(null);
      return;
    }
    const receiveTimeUs = clock();
    for (const event of splitMessage(message)) {
      if (!ingest.hasRoom && !(await ingest.room())) return;
      takeEvent(event, ingest, receiveTimeUs);
    }
  }
}

/** The encoded events of a message. Throws a Refusal of the message as a whole. */
function splitMessage(message: Buffer): Buffer[] {
  const violations = new Violations();
  if (message.length > limits.messageBytesMax) {
    violations.add(
      "events",
      `the message must be at most ${limits.messageBytesMax} bytes encoded; found ${message.length}`,
    );
  }
  violations.throwIfAny();
  const events: Buffer[] = [];
  try {
    const reader = new BinaryReader(message);
    while (reader.pos < reader.len) {
      const [number, wireType] = reader.tag();
      if (number === eventsNumber && wireType === WireType.LengthDelimited) events.push(reader.bytes() as Buffer);
      else reader.skip(wireType, number);
    }
  } catch (cause) {
    throw unreadable(`the message is no encoded ${method.input.typeName}`, cause);
  }
  if (events.length === 0) violations.add("events", "must be one or more events; found none");
  violations.throwIfAny();
  return events;
}

function takeEvent(bytes: Buffer, ingest: OpenIngest, receiveTimeUs: number): void {
  let append: Append;
  try {
    append = readPlainAppend(bytes, 0, bytes.length, receiveTimeUs) ?? parseAppend(bytes, receiveTimeUs);
  } catch (error) {
    ingest.takeRefused(refusalOf(error), bytes.length);
    return;
  }
  ingest.take(append, bytes.length);
}

function parseAppend(bytes: Uint8Array, receiveTimeUs: number): Append {
  const event = decodeEvent(bytes);
  const violations = new Violations();
  validateDeploymentId(event.deploymentId, "event.deployment_id", violations);
  validateEvent(event, "event", violations);
  violations.throwIfAny();
  const deploymentId = event.deploymentId as DeploymentId;
  const fresh = toNewEvent(event, "event", violations);
  violations.throwIfAny();
  return { deploymentId, events: [fresh], expected: { kind: "any" }, receiveTimeUs };
}

function decodeEvent(bytes: Uint8Array) {
  try {
    return fromBinary(EventSchema, bytes);
  } catch (cause) {
    throw unreadable(`the event is no encoded ${EventSchema.typeName}`, cause);
  }
}

function unreadable(sentence: string, cause: unknown): Refusal {
  return new Refusal("REQUEST_UNREADABLE", `${sentence}: ${(cause as Error).message}`, {
    metadata: { method: methodPath(method) },
    cause,
  });
}
