import { ListEventsResponseSchema } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { BinaryReader } from "@bufbuild/protobuf/wire";
import type { Page } from "./list-pages.ts";

const { events, nextPageToken } = ListEventsResponseSchema.field;

/** Decodes a page and leaves each event encoded. Throws if the bytes are not a message. */
export function decodeEventPage(bytes: Uint8Array): Page<Uint8Array> {
  const reader = new BinaryReader(bytes);
  const page = { items: [] as Uint8Array[], nextPageToken: "" };
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag();
    if (number === events.number) page.items.push(reader.bytes());
    else if (number === nextPageToken.number) page.nextPageToken = reader.string();
    else reader.skip(wireType, number);
  }
  return page;
}
