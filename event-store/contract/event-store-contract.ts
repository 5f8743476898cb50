import { afterEach, beforeEach, describe } from "@jest/globals";
import type { EventStore, NewEvent } from "../src/index.ts";
import { appendContract } from "./append-contract.ts";
import { arrivalContract } from "./arrival-contract.ts";
import { editContract } from "./edit-contract.ts";
import { failureContract } from "./failure-contract.ts";
import { followContract } from "./follow-contract.ts";
import { importContract } from "./import-contract.ts";
import { pageTokenKeyContract } from "./page-token-key-contract.ts";
import { readContract } from "./read-contract.ts";
import { seriesContract } from "./series-contract.ts";
import type { StoreUnderTest } from "./store-under-test.ts";
import { waitingContract } from "./waiting-contract.ts";
import { watchContract } from "./watch-contract.ts";

/** An adapter under test. */
export interface Adapter {
  readonly name: string;
  /** Makes a place in which stores can be opened one after another. */
  prepare(): Promise<Place>;
  /** An event that the store refuses as invalid; omitted if there is none. */
  readonly refused?: NewEvent;
  /** True if its appends wait for a commit. */
  readonly waits: boolean;
}

/** Place of the stores of one test. */
export interface Place {
  open(): Promise<EventStore>;
  remove(): Promise<void>;
}

/** Tests everything that a store must do; every adapter runs them. */
export function eventStoreContract(adapter: Adapter): void {
  describe(`the contract of the ${adapter.name} store`, () => {
    let place: Place;
    let store: EventStore;
    const underTest: StoreUnderTest = {
      get store() {
        return store;
      },
      reopen: async () => {
        await store.close();
        store = await place.open();
        return store;
      },
    };
    beforeEach(async () => {
      place = await adapter.prepare();
      store = await place.open();
    });
    afterEach(async () => {
      await store.close();
      await place.remove();
    });
    describe("append", () => appendContract(underTest));
    describe("read", () => readContract(underTest));
    describe("arrivals", () => arrivalContract(underTest));
    describe("follow", () => followContract(underTest));
    describe("keys", () => pageTokenKeyContract(underTest));
    describe("watch", () => watchContract(underTest));
    describe("edit", () => editContract(underTest));
    describe("import", () => importContract(underTest));
    describe("failure", () => failureContract(underTest));
    if (adapter.waits) describe("waiting", () => waitingContract(underTest));
    describe("series", () => seriesContract(underTest, adapter.refused));
  });
}
