import type { ContentCodec } from "@activity-events/event-store";
import { differingFields, restoredEvent, sendTimeOf, storedFacts } from "./grpc/codec/event-codec.ts";

/** Tells a store of the encoding of contents. */
export const contentCodec: ContentCodec = { differingFields, sendTimeOf, factsOf: storedFacts, restoredEvent };
