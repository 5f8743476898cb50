import { EventSchema } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { BinaryReader } from "@bufbuild/protobuf/wire";

const { name, eventId, deploymentId, sequence, sendTime, receiveTime, salt, commitment, principal } = EventSchema.field;

const notContent: ReadonlySet<number> = new Set(
  [name, eventId, deploymentId, sequence, sendTime, receiveTime, salt, commitment, principal].map(
    ({ number }) => number,
  ),
);

/**
 * Extracts the content of an encoded event: its bytes without the ids, the sequence, the times and the server's other
 * fields. It re-encodes nothing, so unknown fields keep their bytes. Throws if the bytes are not a message.
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
