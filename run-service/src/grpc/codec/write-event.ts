import type { DeploymentId, StoredEvent } from "@activity-events/event-store";
import { EventSchema } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { TimestampSchema } from "@bufbuild/protobuf/wkt";
import { varintSize, WireWriter } from "./wire-writer.ts";

const { name, eventId, deploymentId, sequence, receiveTime, salt, commitment, principal } = EventSchema.field;
const { seconds, nanos } = TimestampSchema.field;

/**
 * Writes a stored event as the field of this number. The fields of a message may come in any order, so the encoded
 * content followed by the server's fields is an encoded Event, and reading decodes nothing.
 */
export function writeEvent(writer: WireWriter, number: number, deployment: DeploymentId, stored: StoredEvent): void {
  const { content, stamp, redaction } = stored;
  // A redaction has destroyed the salt, and kept what it was for.
  const [proofField, proof] = redaction === undefined ? [salt, stored.salt] : [commitment, redaction.commitment];
  const fullName = `deployments/${deployment}/events/${stored.eventId}`;
  const length =
    content.length +
    stamp.length +
    textSize(fullName) +
    textSize(stored.eventId) +
    textSize(deployment) +
    1 +
    varintSize(stored.sequence) +
    2 +
    timeSize(stored.receiveTimeUs) +
    3 +
    proof.length +
    (isOlder(stored) ? nothingOfServer.length : 0);
  writer.lengthTag(number).varint(length).raw(content).raw(stamp);
  writer.ascii(name.number, fullName).ascii(eventId.number, stored.eventId).ascii(deploymentId.number, deployment);
  writer.number(sequence.number, stored.sequence);
  writeTime(writer, receiveTime.number, stored.receiveTimeUs);
  writer.bytes(proofField.number, proof);
  if (isOlder(stored)) writer.raw(nothingOfServer);
}

// An older version kept a producer's values under numbers that are now the server's fields. The last of equal fields counts.
const nothingOfServer = new WireWriter().ascii(commitment.number, "").ascii(principal.number, "").finish();

/** Tells whether a program without salts stored the event, and so without principals. */
function isOlder({ salt }: StoredEvent): boolean {
  return salt.length > 0 && salt.every((byte) => byte === 0);
}

/** Writes microseconds since 1970 as the Timestamp of this number. */
export function writeTime(writer: WireWriter, number: number, timeUs: number): void {
  const { s, ns } = partsOf(timeUs);
  writer.lengthTag(number).varint(timeSize(timeUs)).number(seconds.number, s).number(nanos.number, ns);
}

function timeSize(timeUs: number): number {
  const { s, ns } = partsOf(timeUs);
  return 2 + varintSize(s) + varintSize(ns);
}

function partsOf(timeUs: number): { readonly s: number; readonly ns: number } {
  const s = Math.floor(timeUs / 1_000_000);
  return { s, ns: (timeUs - s * 1_000_000) * 1_000 };
}

// Tag, length and ASCII text.
function textSize(text: string): number {
  return 1 + varintSize(text.length) + text.length;
}
