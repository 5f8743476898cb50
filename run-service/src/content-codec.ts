import type { ContentCodec } from "@activity-events/event-store";
import { differingFields, restoredEvent, sendTimeOf, storedFacts } from "./grpc/codec/event-codec.ts";

/** The encoding of contents, for stores. */
export const contentCodec: ContentCodec = { differingFields, sendTimeOf, factsOf: storedFacts, restoredEvent };
