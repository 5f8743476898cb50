import {
  commitmentOf,
  type DeploymentId,
  type MirrorEvent,
  type SendTime,
  type StoredEvent,
} from "@activity-events/event-store";
import { type Event, EventSchema, Severity } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { create, fromBinary, toJson } from "@bufbuild/protobuf";
import { TimestampSchema } from "@bufbuild/protobuf/wkt";
import { checkFields } from "./check-fields.ts";
import { setAttributes, sourceOf, type TopicMessage } from "./topic-message.ts";

type MirroredEvent = Extract<MirrorEvent, { readonly kind: "event" }>;

/**
 * Makes the message of a stored event: a CloudEvent 1.0 in Pub/Sub's binary mode with the event as proto JSON. Throws
 * if the stored event cannot be decoded or has no JSON form.
 */
export function eventMessage(deploymentId: DeploymentId, { event: stored, historyHash }: MirroredEvent): TopicMessage {
  const event = decodeEvent(deploymentId, stored);
  const json = toJson(EventSchema, event) as { readonly receiveTime: string };
  return {
    data: Buffer.from(JSON.stringify(json)),
    attributes: setAttributes({
      "content-type": "application/json",
      "ce-specversion": "1.0",
      "ce-id": event.eventId,
      "ce-source": sourceOf(deploymentId),
      "ce-type": event.type,
      "ce-subject": deploymentId,
      "ce-time": json.receiveTime,
      "ce-sequence": `${event.sequence}`,
      "ce-traceparent": event.traceParent,
      deployment_id: deploymentId,
      type: event.type,
      environment: event.environment,
      severity: Severity[event.severity] ?? `${event.severity}`,
      history_hash: hex(historyHash),
      commitment: hex(commitmentOf({ ...stored, sendTime: sendTimeOf(event) })),
    }),
    orderingKey: deploymentId,
  };
}

function sendTimeOf({ sendTime }: Event): SendTime | undefined {
  return sendTime === undefined ? undefined : { seconds: Number(sendTime.seconds), nanos: sendTime.nanos };
}

function hex(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? "" : Buffer.from(bytes).toString("hex");
}

/** Decodes a stored event: content, stamp and server fields, concatenated, are an encoded event. */
function decodeEvent(deploymentId: DeploymentId, stored: StoredEvent): Event {
  const { eventId, sequence, receiveTimeUs, content, stamp, salt } = stored;
  for (const part of [content, stamp]) checkFields(EventSchema, part);
  const event = fromBinary(EventSchema, Buffer.concat([content, stamp]));
  // Every recorded event has a type, so content without one is not an event's.
  if (event.type === "") throw new Error("the stored content has no type");
  const seconds = Math.floor(receiveTimeUs / 1_000_000);
  const nanos = (receiveTimeUs - seconds * 1_000_000) * 1_000;
  const receiveTime = create(TimestampSchema, { seconds: BigInt(seconds), nanos });
  const name = `deployments/${deploymentId}/events/${eventId}`;
  const names = { name, eventId, deploymentId, sequence: BigInt(sequence) };
  // An older version stored producers' values under numbers that are now the server's fields.
  return Object.assign(event, names, { receiveTime, salt, commitment: new Uint8Array(), principal: "" });
}
