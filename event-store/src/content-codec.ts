import type { DifferingFields, EventFacts } from "./domain/event.ts";
import type { SendTime } from "./domain/event-time.ts";

/** The encoding of contents and stamps, which a store does not know: given to it by whoever opens it. */
export interface ContentCodec {
  readonly differingFields: DifferingFields;
  /** The producer's clock; undefined: the stamp holds none. */
  readonly sendTimeOf: (stamp: Uint8Array) => SendTime | undefined;
  /** What a store has to know of a stored event. Throws where it cannot be read. */
  readonly factsOf: (stored: { readonly content: Uint8Array; readonly stamp: Uint8Array }) => EventFacts;
  /** The same, and the event's content as it would be stored now. */
  readonly restoredEvent: (stored: { readonly content: Uint8Array; readonly stamp: Uint8Array }) => {
    readonly facts: EventFacts;
    readonly content: Uint8Array;
  };
}
