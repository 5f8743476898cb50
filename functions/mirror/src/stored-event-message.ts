import {
  commitmentOf,
  type DeploymentId,
  type MirrorEvent,
  type SendTime,
  type StoredEvent,
} from "@activity-events/event-store";
import { type Event, EventSchema } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { eventMessage } from "@activity-events/topic/event-message";
import type { TopicMessage } from "@activity-events/topic/topic-message";
import { create, fromBinary } from "@bufbuild/protobuf";
import { TimestampSchema } from "@bufbuild/protobuf/wkt";
import { checkFields } from "./check-fields.ts";

type MirroredEvent = Extract<MirrorEvent, { readonly kind: "event" }>;

/** Makes the message of a stored event: of a redacted one with what is left, and the commitment to what was there. Throws if the stored event cannot be decoded or has no JSON form. */
export function storedEventMessage(
  deploymentId: DeploymentId,
  { event: stored, historyHash, imported }: MirroredEvent,
  { replayed }: { readonly replayed: boolean },
): TopicMessage {
  const event = decodeEvent(deploymentId, stored);
  const { principal } = event;
  const commitment =
    stored.redaction?.commitment ?? commitmentOf({ ...stored, sendTime: sendTimeOf(event), principal });
  return eventMessage(event, { historyHash, commitment }, { imported, replayed });
}

function sendTimeOf({ sendTime }: Event): SendTime | undefined {
  return sendTime === undefined ? undefined : { seconds: Number(sendTime.seconds), nanos: sendTime.nanos };
}

/** Decodes a stored event: content, stamp and server fields, concatenated, are an encoded event. */
function decodeEvent(deploymentId: DeploymentId, stored: StoredEvent): Event {
  const { eventId, sequence, receiveTimeUs, content, stamp, salt, redaction } = stored;
  for (const part of [content, stamp]) checkFields(EventSchema, part);
  const event = fromBinary(EventSchema, Buffer.concat([content, stamp]));
  // Every recorded event has a type, so content without one is not an event's.
  if (event.type === "") throw new Error("the stored content has no type");
  const seconds = Math.floor(receiveTimeUs / 1_000_000);
  const nanos = (receiveTimeUs - seconds * 1_000_000) * 1_000;
  const receiveTime = create(TimestampSchema, { seconds: BigInt(seconds), nanos });
  const name = `deployments/${deploymentId}/events/${eventId}`;
  const names = { name, eventId, deploymentId, sequence: BigInt(sequence) };
  // The stamp is the server's. In the content, an older version stored producers' values under numbers that are now the server's fields.
  const { principal } = fromBinary(EventSchema, stamp);
  return Object.assign(event, names, {
    receiveTime,
    salt,
    commitment: redaction?.commitment ?? new Uint8Array(),
    principal,
  });
}
