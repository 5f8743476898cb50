import type { DeploymentId, EventId } from "@activity-events/event-store";
import {
  ActivityEvents,
  type EventRequest,
  EventResponseSchema,
} from "@activity-events/proto/activityevents/activity_events_pb.js";
import { EventSchema } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { create } from "@bufbuild/protobuf";
import { v7 as uuidv7 } from "uuid";
import { limits } from "../../limits.ts";
import { type Call, type Method, serverStreaming, unary } from "../calls/method.ts";
import { ancestorTimestamp, eventsLost } from "../codec/ancestor-event.ts";
import { newEvent } from "../codec/event-codec.ts";
import { timestampOfNanoseconds } from "../codec/times.ts";
import { Violations } from "../requests/violations.ts";
import type { HandlerOptions } from "./activity-events-service.ts";
import { listAncestorEvents } from "./list-ancestor-events.ts";

/** Makes the methods of the ancestor's contract, on the same events; its int32 ids are decimal strings here. */
export function ancestorMethods(options: HandlerOptions): Method[] {
  const { method } = ActivityEvents;
  return [
    unary(method.createEvent, (request, call) => createEvent(request, call, options)),
    serverStreaming(method.listEvents, (request, call) => listAncestorEvents(request, call, options.store)),
  ];
}

async function createEvent(request: EventRequest, call: Call, { recorder, clock }: HandlerOptions) {
  const receiveTimeUs = clock();
  // The ancestor's events may have an empty message; a missing send time is filled in.
  const send = request.timestamp?.send || BigInt(receiveTimeUs) * 1_000n;
  const event = create(EventSchema, {
    type: "deployment.progress",
    message: request.message,
    sendTime: timestampOfNanoseconds(send),
  });
  const violations = new Violations();
  // All other values are valid.
  violations.checkBytes("message", request.message, limits.textBytesMax);
  violations.throwIfAny();

  const deploymentId = `${request.deploymentId}` as DeploymentId;
  call.about(deploymentId);
  // Clients send 0 if they set no id.
  const fresh = newEvent(event, (request.id === 0 ? uuidv7() : `${request.id}`) as EventId);
  const [appended] = await recorder.record(
    call.access.authorized({ deploymentId, events: [fresh], expected: { kind: "any" }, receiveTimeUs }),
    { callerDeadlineMs: call.deadlineMs, signal: call.signal, fieldOf: () => "id" },
  );
  if (appended === undefined) throw new Error("an append of one event was answered with none");
  // Nothing is decoded after storing, so the answer cannot fail.
  const times = appended.duplicate
    ? storedTimes(deploymentId, appended.event)
    : { send, receive: BigInt(receiveTimeUs) * 1_000n };
  const executionTime = (times.receive - times.send) / 1_000_000n;
  return create(EventResponseSchema, { id: request.id, success: true, executionTime });
}

function storedTimes(
  deploymentId: DeploymentId,
  stored: Parameters<typeof ancestorTimestamp>[0] & { sequence: number },
) {
  try {
    return ancestorTimestamp(stored);
  } catch (cause) {
    throw eventsLost({ deploymentId, sequence: stored.sequence }, { cause });
  }
}
