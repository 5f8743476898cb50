import {
  type Append,
  type Appended,
  type EventStore,
  isPurged,
  limits as storeLimits,
} from "@activity-events/event-store";
import {
  ActivityEventsService,
  type BatchCreateEventsRequest,
  CreateEventRequestSchema,
  type GetDeploymentRequest,
  GetDeploymentResponseSchema,
  type GetEventRequest,
  type StreamEventsRequest,
} from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { create } from "@bufbuild/protobuf";
import type { DeploymentWatcher } from "../../application/deployment-watcher.ts";
import type { EventIngester } from "../../application/event-ingester.ts";
import type { EventRecorder } from "../../application/event-recorder.ts";
import type { EventStreamer } from "../../application/event-streamer.ts";
import { deploymentNotFound, eventNotFound, hiddenRefusal } from "../../application/refusal-of.ts";
import type { Clock } from "../../clock.ts";
import { limits } from "../../limits.ts";
import { bidiStreaming, type Call, encodedUnary, type Method, serverStreaming, unary } from "../calls/method.ts";
import { CanonicalFields } from "../codec/canonical-fields.ts";
import { decodeRequest } from "../codec/decode-request.ts";
import {
  encodeBatchCreateEventsResponse,
  encodeCreateEventResponse,
  encodeGetEventResponse,
  encodeStreamEventsResponse,
  wireDeployment,
  wireDeploymentWithStanding,
} from "../codec/encode.ts";
import { readPlainAppend } from "../codec/read-plain-append.ts";
import { parseAppend, parseExpected } from "../requests/parse-append.ts";
import { toNewEvent, validateEvent } from "../requests/parse-event.ts";
import { parseFilter } from "../requests/parse-filter.ts";
import { parseDeploymentId, parseEventId } from "../requests/parse-identifiers.ts";
import { Violations } from "../requests/violations.ts";
import { ingestEvents } from "./ingest-events.ts";
import { listDeployments } from "./list-deployments.ts";
import { listEvents } from "./list-events.ts";
import { watchDeployments } from "./watch-deployments.ts";

/** Parts that the handlers use. */
export interface HandlerOptions {
  readonly store: EventStore;
  readonly recorder: EventRecorder;
  readonly streamer: EventStreamer;
  readonly watcher: DeploymentWatcher;
  readonly ingester: EventIngester;
  readonly clock: Clock;
}

/** Makes the methods of activityevents.v1. */
export function activityEventsMethods(options: HandlerOptions): Method[] {
  const { store } = options;
  const { method } = ActivityEventsService;
  return [
    encodedUnary(method.createEvent, (request, call) => createEvent(request, call, options)),
    unary(method.batchCreateEvents, (request, call) => batchCreateEvents(request, call, options)),
    bidiStreaming(method.ingestEvents, (requests, call) => ingestEvents(requests, call, options)),
    unary(method.getEvent, (request, call) => getEvent(request, call, store)),
    unary(method.listEvents, (request, call) => listEvents(request, call, store)),
    serverStreaming(method.streamEvents, (request, call) => streamEvents(request, call, options.streamer)),
    unary(method.getDeployment, (request, call) => getDeployment(request, call, store)),
    unary(method.listDeployments, (request, call) => listDeployments(request, call, store)),
    serverStreaming(method.watchDeployments, (request, call) => watchDeployments(request, call, options.watcher)),
  ];
}

async function createEvent(request: Buffer, call: Call, { recorder, clock }: HandlerOptions) {
  const receiveTimeUs = clock();
  const append =
    readPlainRequest(request, receiveTimeUs) ??
    parseAppend(decodeRequest(ActivityEventsService.method.createEvent, request), receiveTimeUs);
  call.about(append.deploymentId);
  const [appended] = await recorder.record(call.access.authorized(append), {
    callerDeadlineMs: call.deadlineMs,
    signal: call.signal,
    fieldOf: () => "event",
  });
  if (appended === undefined) throw new Error("an append of one event was answered with none");
  return encodeCreateEventResponse(append.deploymentId, shownTo(call, append.deploymentId, appended));
}

/** The result as the caller may see it. */
function shownTo({ access }: Call, deploymentId: string, { event, duplicate }: Appended): Appended {
  return { event: access.shownEvent(deploymentId, event), duplicate };
}

/** Reads the append of a request with only a plain event; undefined otherwise. */
function readPlainRequest(request: Buffer, receiveTimeUs: number): Append | undefined {
  const fields = new CanonicalFields(request, 0, request.length);
  const isEvent = fields.next() && fields.number === CreateEventRequestSchema.field.event.number && fields.hasLength;
  if (!isEvent || !fields.isComplete) return undefined;
  return readPlainAppend(request, fields.valueStart, fields.end, receiveTimeUs);
}

async function batchCreateEvents(request: BatchCreateEventsRequest, call: Call, { recorder, clock }: HandlerOptions) {
  const receiveTimeUs = clock();
  const { events } = request;
  const violations = new Violations();
  const deploymentId = parseDeploymentId(request.deploymentId, "deployment_id", violations);
  if (call.requestBytes > storeLimits.messageBytesMax) {
    violations.add(
      "events",
      `the request must be at most ${storeLimits.messageBytesMax} bytes encoded; found ${call.requestBytes}`,
    );
  }
  if (events.length === 0 || events.length > limits.batchEventsMax) {
    violations.add("events", `must be 1 to ${limits.batchEventsMax} events; found ${events.length}`);
  } else {
    validateBatch(request, violations);
  }
  const expected = parseExpected(request.expectedSequence, violations);
  violations.throwIfAny();

  call.about(deploymentId);
  call.access.demand("write", deploymentId);
  const fresh = events.map((event, index) => toNewEvent(event, `events[${index}]`, violations));
  violations.throwIfAny();
  const results = await recorder.record(
    call.access.authorized({ deploymentId, events: fresh, expected, receiveTimeUs }),
    { callerDeadlineMs: call.deadlineMs, signal: call.signal, fieldOf: (index) => `events[${index}]` },
  );
  const shown = results.map((appended) => shownTo(call, deploymentId, appended));
  return encodeBatchCreateEventsResponse(deploymentId, shown);
}

function validateBatch({ deploymentId, events }: BatchCreateEventsRequest, violations: Violations): void {
  const indexById = new Map<string, number>();
  for (const [index, event] of events.entries()) {
    const path = `events[${index}]`;
    if (event.deploymentId !== "" && event.deploymentId !== deploymentId) {
      violations.add(
        `${path}.deployment_id`,
        `must be empty or that of the batch; found ${violations.show(event.deploymentId)}`,
      );
    }
    validateEvent(event, path, violations);
    if (event.eventId === "") continue;
    const before = indexById.get(event.eventId);
    if (before !== undefined)
      violations.add(`${path}.event_id`, `must be unique in the batch; events[${before}] has it too`);
    indexById.set(event.eventId, before ?? index);
  }
}

async function getEvent(request: GetEventRequest, call: Call, store: EventStore) {
  const violations = new Violations();
  const deploymentId = parseDeploymentId(request.deploymentId, "deployment_id", violations);
  const eventId = parseEventId(request.eventId, "event_id", violations);
  violations.throwIfAny();

  call.about(deploymentId);
  call.access.demand(request.showDeleted ? "admin" : "read", deploymentId);
  await call.bytes.room(limits.eventWorkBytes, { signals: [], timeMs: limits.roomTimeMs });
  const stored = await store.readEvent(deploymentId, eventId, { hidden: request.showDeleted });
  if (stored === undefined) {
    const head = await store.readDeployment(deploymentId);
    if (head !== undefined && isPurged(head)) throw hiddenRefusal(head);
    throw eventNotFound(deploymentId, eventId);
  }
  return encodeGetEventResponse(deploymentId, stored);
}

async function* streamEvents(request: StreamEventsRequest, call: Call, streamer: EventStreamer) {
  const violations = new Violations();
  const deploymentId = parseDeploymentId(request.deploymentId, "deployment_id", violations);
  violations.checkSequence("after_sequence", request.afterSequence);
  const filter = parseFilter(request.filter, violations);
  violations.throwIfAny();

  call.about(deploymentId);
  call.access.demand("read", deploymentId);
  const { follow } = request;
  const afterSequence = Number(request.afterSequence);
  for await (const frame of streamer.stream({ deploymentId, afterSequence, follow, filter }, call)) {
    yield encodeStreamEventsResponse(deploymentId, frame);
  }
}

async function getDeployment(request: GetDeploymentRequest, call: Call, store: EventStore) {
  const violations = new Violations();
  const deploymentId = parseDeploymentId(request.deploymentId, "deployment_id", violations);
  violations.throwIfAny();

  call.about(deploymentId);
  const { showDeleted } = request;
  call.access.demand(showDeleted ? "admin" : "read", deploymentId);
  const head = await store.readDeployment(deploymentId);
  if (head === undefined) throw deploymentNotFound(deploymentId);
  if (showDeleted) return create(GetDeploymentResponseSchema, { deployment: wireDeploymentWithStanding(head) });
  if (head.standing !== "kept") throw hiddenRefusal(head);
  return create(GetDeploymentResponseSchema, { deployment: wireDeployment(head) });
}
