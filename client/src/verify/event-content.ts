import { EventSchema } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { BinaryReader } from "@bufbuild/protobuf/wire";

const { name, eventId, deploymentId, sequence, sendTime, receiveTime, salt, commitment, principal } = EventSchema.field;

const notContent: ReadonlySet<number> = new Set(
  [name, eventId, deploymentId, sequence, sendTime, receiveTime, salt, commitment, principal].map(
    ({ number }) => number,
  ),
);

/**
 * The content of an encoded event: its bytes as they came, without its names, its place, its times and what else the server
 * sets. Nothing is encoded anew, so fields that this version does not know stay what they were. Throws at bytes that are no
 * message.
 */
export function contentOf(encoded: Uint8Array): Uint8Array {
  const reader = new BinaryReader(encoded);
  const parts: Uint8Array[] = [];
  while (reader.pos < reader.len) {
    const start = reader.pos;
    const [number, wireType] = reader.tag();
    reader.skip(wireType, number);
    if (!notContent.has(number)) parts.push(encoded.subarray(start, reader.pos));
  }
  return Buffer.concat(parts);
}
