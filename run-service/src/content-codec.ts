import type { ContentCodec } from "@activity-events/event-store";

type Codec = typeof import("./grpc/event-codec.ts");

let codec: Codec | undefined;

function loaded(): Codec {
  if (codec === undefined) throw new Error("a content was to be read before what reads it was loaded");
  return codec;
}

/**
 * What tells a store of the encoding of contents. It is loaded after the service listens, unless the store wants it before:
 * it takes longer to load than all that is needed until then.
 */
export const contentCodec: ContentCodec = {
  load: async () => {
    codec ??= await import("./grpc/event-codec.ts");
  },
  differingFields: (stored, offered) => loaded().differingFields(stored, offered),
  sendTimeOf: (stamp) => loaded().sendTimeOf(stamp),
  factsOf: (stored) => loaded().storedFacts(stored),
  restoredEvent: (stored) => loaded().restoredEvent(stored),
};
