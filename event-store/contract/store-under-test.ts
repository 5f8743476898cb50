import type { EventStore } from "../src/index.ts";

/** What the tests of a contract stand on: a fresh store, and the way to close it and open it again. */
export interface StoreUnderTest {
  readonly store: EventStore;
  /** Closes the store and opens it anew in the same place. */
  reopen(): Promise<EventStore>;
}
