import type { ContentCodec } from "@activity-events/event-store";
import { differingFields, readStamp, restoredEvent, storedFacts } from "./grpc/codec/event-codec.ts";

/** The encoding of contents, for stores. */
export const contentCodec: ContentCodec = { differingFields, readStamp, factsOf: storedFacts, restoredEvent };
