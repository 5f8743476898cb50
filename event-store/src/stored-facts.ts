import type { ContentCodec } from "./content-codec.ts";
import type { EventFacts, StoredEvent } from "./domain/event.ts";

/** The facts of an event of which nothing else is known, such as one whose content nobody can read. */
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
