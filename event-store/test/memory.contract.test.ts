import { codec } from "../contract/builders.ts";
import { eventStoreContract } from "../contract/event-store-contract.ts";
import { openMemoryStore } from "../src/memory/store.ts";

eventStoreContract({
  name: "memory",
  waits: false,
  prepare: async () => ({
    open: async () => openMemoryStore({ codec }),
    remove: async () => {},
  }),
});
