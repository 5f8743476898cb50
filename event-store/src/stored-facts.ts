import type { ContentCodec } from "./content-codec.ts";
import type { EventFacts, StoredEvent } from "./domain/event.ts";

/** What is known of an event whose content nobody can read: what stands beside it. */
export function factsBeside({ type, severity, labels }: Pick<StoredEvent, "type" | "severity" | "labels">): EventFacts {
  return {
    type,
    severity,
    labels,
    outcome: "unspecified",
    environment: "",
    service: "",
    revision: "",
    actor: "",
    commit: "",
    commitTimeUs: undefined,
    url: "",
    sendTime: undefined,
  };
}

/** What a store has to know of an event that is stored. */
export function storedFacts(event: StoredEvent, codec: ContentCodec): EventFacts {
  try {
    return codec.factsOf(event);
  } catch {
    return factsBeside(event);
  }
}
