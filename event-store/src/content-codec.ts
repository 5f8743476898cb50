import type { DifferingFields, EventFacts } from "./domain/event.ts";
import type { SendTime } from "./domain/event-time.ts";

/** Encoding of contents and stamps. The store does not know it; its opener provides it. */
export interface ContentCodec {
  readonly differingFields: DifferingFields;
  /** Returns the producer's clock; undefined if the stamp has none. */
  readonly sendTimeOf: (stamp: Uint8Array) => SendTime | undefined;
  /** Returns the facts of a stored event that a store needs. Throws if it cannot be read. */
  readonly factsOf: (stored: { readonly content: Uint8Array; readonly stamp: Uint8Array }) => EventFacts;
  /** Returns the facts, and the content as it would be stored now. */
  readonly restoredEvent: (stored: { readonly content: Uint8Array; readonly stamp: Uint8Array }) => {
    readonly facts: EventFacts;
    readonly content: Uint8Array;
  };
}
