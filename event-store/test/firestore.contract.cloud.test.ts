import { codec, newEvent } from "../contract/builders.ts";
import { eventStoreContract } from "../contract/event-store-contract.ts";
import { openFirestoreStore } from "../src/firestore/store.ts";
import { firestorePlace } from "./firestore-place.ts";

eventStoreContract({
  name: "firestore",
  waits: true,
  prepare: async () => firestorePlace((settings) => openFirestoreStore({ ...settings, codec })),
  // Firestore takes no document above 1 MiB.
  refused: newEvent({ content: new Uint8Array(1_200_000) }),
});
