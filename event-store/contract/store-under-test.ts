import type { EventStore } from "../src/index.ts";

/** A fresh store for the tests of the contract, which can be closed and reopened. */
export interface StoreUnderTest {
  readonly store: EventStore;
  /** Closes the store and reopens it in the same place. */
  reopen(): Promise<EventStore>;
}
