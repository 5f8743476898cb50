import type { DifferingFields, EventFacts } from "./domain/event.ts";

/** Encoding of contents and stamps. The store does not know it; its opener provides it. */
export interface ContentCodec {
  readonly differingFields: DifferingFields;
  /** Returns what a stamp holds. Throws if it cannot be read. */
  readonly readStamp: (stamp: Uint8Array) => Pick<EventFacts, "sendTime" | "principal">;
  /** Returns the facts of a stored event that a store needs. Throws if it cannot be read. */
  readonly factsOf: (stored: { readonly content: Uint8Array; readonly stamp: Uint8Array }) => EventFacts;
  /** Returns the facts, and the content as it would be stored now. */
  readonly restoredEvent: (stored: { readonly content: Uint8Array; readonly stamp: Uint8Array }) => {
    readonly facts: EventFacts;
    readonly content: Uint8Array;
  };
}
