import type { ContentCodec } from "./content-codec.ts";
import type { EventFacts, StoredEvent } from "./domain/event.ts";

/** Facts of an event with unreadable content. */
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
    principal: "",
  };
}

/** Reads the facts of a stored event. */
export function storedFacts(event: StoredEvent, codec: ContentCodec): EventFacts {
  try {
    return codec.factsOf(event);
  } catch {
    return factsBeside(event);
  }
}
