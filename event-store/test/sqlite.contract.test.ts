import { codec, newEvent } from "../contract/builders.ts";
import { eventStoreContract } from "../contract/event-store-contract.ts";
import { openSqliteStore } from "../src/sqlite/store.ts";
import { sqlitePlace } from "./sqlite-place.ts";

eventStoreContract({
  name: "sqlite",
  waits: true,
  prepare: () => sqlitePlace((file) => openSqliteStore({ file, codec })),
  // What is no number is stored as NULL, which the column does not take.
  refused: newEvent({ severity: Number.NaN }),
});
