import {
  type DeploymentId,
  type EventId,
  type EventStore,
  everyEvent,
  isDeploymentId,
  limits,
  type StoredEvent,
} from "@activity-events/event-store";
import {
  ActivityEvents,
  type Deployment,
  type EventRequest,
  EventRequestSchema,
  EventResponseSchema,
} from "@activity-events/proto/activityevents/activity_events_pb.js";
import { EventSchema } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { create } from "@bufbuild/protobuf";
import type { HandlerOptions } from "./activity-events-service.ts";
import { type Call, type Method, serverStreaming, unary } from "./calls.ts";
import { decodeContent, decodeSendTime, newEvent } from "./event-codec.ts";
import { nanosecondsOf, timestampOfNanoseconds } from "./times.ts";
import { Violations } from "./violations.ts";

/** The methods of the ancestor's contract, over the same events: its int32 ids are decimal strings here. */
export function ancestorMethods(options: HandlerOptions): Method[] {
  const { method } = ActivityEvents;
  return [
    unary(method.createEvent, (request, call) => createEvent(request, call, options)),
    serverStreaming(method.listEvents, (request, call) => listEvents(request, call, options.store)),
  ];
}

async function createEvent(request: EventRequest, call: Call, { recorder, clock }: HandlerOptions) {
  const receiveTimeUs = clock();
  // The ancestor's events may have an empty message; a missing time of sending is filled in.
  const send = request.timestamp?.send || BigInt(receiveTimeUs) * 1_000n;
  const event = create(EventSchema, {
    type: "deployment.progress",
    message: request.message,
    sendTime: timestampOfNanoseconds(send),
  });
  const violations = new Violations();
  // Whatever else it says is valid.
  violations.checkBytes("message", request.message, limits.textBytesMax);
  violations.throwIfAny();

  const deploymentId = `${request.deploymentId}` as DeploymentId;
  call.about(deploymentId);
  const fresh = newEvent(event, `${request.id}` as EventId);
  const [appended] = await recorder.record(
    { deploymentId, events: [fresh], expected: { kind: "any" }, receiveTimeUs },
    { callerDeadlineMs: call.deadlineMs, signal: call.signal, fieldOf: () => "id" },
  );
  if (appended === undefined) throw new Error("an append of one event was answered with none");
  const times = timestampOf(appended.event);
  const executionTime = (times.receive - times.send) / 1_000_000n;
  return create(EventResponseSchema, { id: request.id, success: true, executionTime });
}

async function* listEvents({ id }: Deployment, call: Call, store: EventStore): AsyncGenerator<EventRequest> {
  call.about(`${id}`);
  if (id !== 0) {
    yield* eventsOf(`${id}` as DeploymentId, id, call, store);
    return;
  }
  for await (const deploymentId of allDeployments(call, store)) {
    const number = parseInt32(deploymentId);
    if (number !== undefined) yield* eventsOf(deploymentId, number, call, store);
  }
}

async function* allDeployments(call: Call, store: EventStore): AsyncGenerator<DeploymentId> {
  const filter = { environment: "", service: "", state: undefined };
  let cursor: Parameters<EventStore["readDeployments"]>[0]["cursor"];
  do {
    await call.bytes.room(limits.frameWorkBytes, { signals: [] });
    const page = await store.readDeployments({ cursor, filter, deploymentsMax: limits.pageSizeMax });
    for (const { deploymentId } of page.deployments) yield deploymentId;
    cursor = page.next;
  } while (cursor !== undefined);
}

async function* eventsOf(
  deploymentId: DeploymentId,
  number: number,
  call: Call,
  store: EventStore,
): AsyncGenerator<EventRequest> {
  if (!isDeploymentId(deploymentId)) return;
  let cursor: number | undefined;
  let more = true;
  while (more) {
    await call.bytes.room(limits.frameWorkBytes, { signals: [] });
    const page = await store.readEvents({
      deploymentId,
      order: "ascending",
      cursor,
      filter: everyEvent,
      eventsMax: limits.frameEventsMax,
      bytesMax: limits.frameBytesTarget,
    });
    for (const stored of page.events) yield ancestorEvent(stored, number);
    ({ cursor, more } = page);
  }
}

function ancestorEvent(stored: StoredEvent, deploymentId: number): EventRequest {
  return create(EventRequestSchema, {
    id: parseInt32(stored.eventId) ?? 0,
    message: decodeContent(stored).message,
    timestamp: timestampOf(stored),
    deploymentId,
  });
}

function timestampOf({ stamp, receiveTimeUs }: StoredEvent): { send: bigint; receive: bigint } {
  const sendTime = stamp.length === 0 ? undefined : decodeSendTime(stamp);
  return {
    send: sendTime === undefined ? 0n : asInt64(nanosecondsOf(sendTime)),
    receive: BigInt(receiveTimeUs) * 1_000n,
  };
}

// The ancestor's nanoseconds end in the years 1677 and 2262; what lies beyond is shown as the nearest of them.
function asInt64(nanoseconds: bigint): bigint {
  const [min, max] = [-(2n ** 63n), 2n ** 63n - 1n];
  if (nanoseconds > max) return max;
  return nanoseconds < min ? min : nanoseconds;
}

/** The int32 that this is the canonical decimal string of, if it is one: `07` and `-0` are none. */
function parseInt32(text: string): number | undefined {
  const number = Number(text) | 0;
  return `${number}` === text ? number : undefined;
}
