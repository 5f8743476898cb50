import { differingFields } from "../contract/builders.ts";
import { eventStoreContract } from "../contract/event-store-contract.ts";
import { openFirestoreStore } from "../src/firestore/store.ts";
import { firestorePlace } from "./firestore-place.ts";

eventStoreContract({
  name: "firestore",
  prepare: async () => firestorePlace((settings) => openFirestoreStore({ ...settings, differingFields })),
});
